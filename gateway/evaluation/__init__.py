"""How good the detectors are, where the truth is known: worlds to judge, the bench, and its page.

Worlds come from the database, from folders or from the simulator. Truth stays beside their panels and is compared
after the judging; no detector sees it.
"""
