"""A way to a server that can be cut and mended: what a reader's browser meets on a ward's network."""

import socket
import threading
from contextlib import suppress

from tests.browser.ports import free_port, leave_port


class CuttableLink:
    """Forward connections to a port of this machine; `cut` ends those that are open and refuses new ones.

    ``accepted`` counts the connections that came.
    """

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._whole = threading.Event()
        self._whole.set()
        self.accepted = 0
        self._open: set[socket.socket] = set()
        self.port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._whole.clear()
        for end in list(self._open):
            _close(end)

    def mend(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self.cut()
        _close(self._listener)
        leave_port(self.port)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.accepted += 1
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        far = None
        with suppress(OSError):
            if self._whole.is_set():
                far = socket.create_connection(self._target)
        if far is None:
            _close(near)
            return
        self._open |= {near, far}
        threading.Thread(target=self._pump, args=(near, far), daemon=True).start()
        self._pump(far, near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        for end in (source, sink):
            _close(end)
            self._open.discard(end)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
