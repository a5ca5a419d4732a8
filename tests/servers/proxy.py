"""A way between two programs that can be slow, silent, deaf, cut or gone."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from servers.tools import wait_until

_CHUNK = 65_536
_COMMIT = b"COMMIT\0"
"""As PostgreSQL's protocol has it, in the query as in the answer."""


class _Pair:
    """One connection: a thread a direction."""

    def __init__(self, proxy: "Proxy", client: socket.socket) -> None:
        self.deaf = False
        self.cut_after_commit = False
        self._proxy = proxy
        self._client = client
        self._server = _connect(proxy.target)
        for end in (self._client, self._server):
            if end.family != socket.AF_UNIX:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        for source, sink in ((self._client, self._server), (self._server, self._client)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def cut(self) -> None:
        """End both sides as a failing network does: with a reset."""
        for end in (self._client, self._server):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(_CHUNK):
                self._proxy.hold()
                if self.deaf:
                    continue
                if self._is_cut_by(chunk, to_server=sink is self._server):
                    break
                sink.sendall(chunk)
        self._proxy.forget(self)

    def _is_cut_by(self, chunk: bytes, *, to_server: bool) -> bool:
        proxy = self._proxy
        if _COMMIT not in chunk:
            return False
        if to_server and proxy.cut_at == "before":
            proxy.cut_at = None
            proxy.cuts += 1
            return True
        if to_server and proxy.cut_at == "after":
            proxy.cut_at = None
            self.cut_after_commit = True
            return False
        if self.cut_after_commit and not to_server:
            proxy.cuts += 1
            return True
        return False


def _connect(target: int | Path) -> socket.socket:
    if isinstance(target, int):
        return socket.create_connection(("127.0.0.1", target))
    end = socket.socket(socket.AF_UNIX)
    try:
        end.connect(str(target))
    except OSError:
        end.close()
        raise
    return end


class Proxy:
    """Passes connections on to a port or socket of this machine, as long as it is not told otherwise."""

    def __init__(self, target: int | Path) -> None:
        self.target = target
        self.delay_s = 0.0
        self.cut_at: str | None = None
        """Cut the next commit's connection "before" it reaches the server, or "after" the server has committed."""
        self.cuts = 0
        self._open = threading.Event()
        self._open.set()
        self._pairs: set[_Pair] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.come_back()

    def through(self, url: str) -> str:
        """The same URL by way of this proxy."""
        assert f":{self.target}" in url
        return url.replace(f":{self.target}", f":{self.port}")

    def stall(self) -> None:
        """Pass nothing on; what is sent waits in the buffers, as behind a full line."""
        self._open.clear()

    def resume(self) -> None:
        self._open.set()

    def swallow(self) -> None:
        """Take everything on the connections that stand, and pass nothing on, ever. New connections work."""
        for pair in list(self._pairs):
            pair.deaf = True

    def cut(self) -> None:
        for pair in list(self._pairs):
            pair.cut()

    def go_away(self) -> None:
        """Cut everything, and refuse what is new."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def come_back(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        self.resume()
        self.go_away()
        wait_until(lambda: not self._pairs, what="the proxy's connections end")

    def hold(self) -> None:
        if self.delay_s:
            time.sleep(self.delay_s)
        self._open.wait()

    def forget(self, pair: _Pair) -> None:
        pair.cut()
        self._pairs.discard(pair)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                try:
                    pair = _Pair(self, client)
                except OSError:  # nobody there: what a client sees of a server that is down
                    client.close()
                else:
                    self._pairs.add(pair)  # before it starts: it may end at once, and is forgotten then
                    pair.start()


@contextmanager
def proxy_to(target: int | Path) -> Iterator[Proxy]:
    """A proxy in front of a port, or a Unix socket, of this machine."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
