"""What a connection asks of both its ends."""

import os
import socket

from gateway.store.database import connect


def test_both_ends_notice_that_the_other_has_vanished(own_postgres):
    with connect(own_postgres.url) as conn:
        for name, value in {
            "tcp_keepalives_idle": "15",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
            "tcp_user_timeout": "30000",
            "client_connection_check_interval": "5s",
            "TimeZone": "UTC",
        }.items():
            assert conn.execute(f"SHOW {name}").fetchone() == (value,)
        with socket.socket(fileno=os.dup(conn.fileno())) as ours:
            asked = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
            assert [ours.getsockopt(socket.IPPROTO_TCP, option) for option in asked] == [15, 5, 3, 30_000]
            assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
