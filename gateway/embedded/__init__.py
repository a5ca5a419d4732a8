"""Broker and database for one machine, used only where no URL is configured.

Both run for as long as somebody uses them: a command that finds one running joins it, the last one stops it.
"""

from gateway.embedded.broker import broker_url
from gateway.embedded.database import database_url

__all__ = ["broker_url", "database_url"]
