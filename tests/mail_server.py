"""A mail server of the tests: takes what is sent to it and keeps it, refuses whom it was told to, or breaks off."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


class MailServer(socketserver.ThreadingTCPServer):
    """``refused``: addresses it does not take; ``breaks_off``: those whose mail it takes in and vanishes with.

    ``tls``: what it secures connections with, from the first byte where ``from_the_start``; ``lets_in``: user and
    password, without which it takes nothing.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        from_the_start: bool = False,
        lets_in: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.tls, self.from_the_start, self.lets_in = tls, from_the_start, lets_in
        self.refused: set[str] = set()
        self.breaks_off: set[str] = set()
        self.hangs_up_on: set[str] = set()
        self.taken: list[tuple[str, EmailMessage]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    secured = False

    def handle(self) -> None:
        server = cast(MailServer, self.server)
        try:
            if server.from_the_start:
                self._secure()
            self._talk(server)
        except ssl.SSLError:  # it does not trust us
            return

    def _secure(self) -> None:
        tls = cast(MailServer, self.server).tls
        assert tls is not None
        self.request = tls.wrap_socket(self.request, server_side=True)
        self.setup()
        self.secured = True

    def _talk(self, server: MailServer) -> None:
        self._say("220 ready")
        to, inside = "", server.lets_in is None
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "EHLO":
                offered = ["AUTH PLAIN"] if self.secured else ["STARTTLS"] if server.tls else []
                for place, text in enumerate(["localhost", *offered]):
                    self._say(f"250{' ' if place == len(offered) else '-'}{text}")
            elif verb == "STAR":
                self._say("220 go on")
                self._secure()
            elif verb == "AUTH":
                inside = server.lets_in == tuple(base64.b64decode(line.split()[2]).decode().split("\0")[1:])
                self._say("235 welcome" if inside else "535 wrong password")
            elif not inside and verb in ("MAIL", "RCPT"):
                self._say("530 sign in first")
            elif verb == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                if to in server.hangs_up_on:
                    return
                self._say(f"550 no such mailbox {to}" if to in server.refused else "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                server.taken.append((to, cast(EmailMessage, message_from_bytes(data[:-5], policy=policy.default))))
                if to in server.breaks_off:
                    return
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def running_mail_server(
    *, tls: ssl.SSLContext | None = None, from_the_start: bool = False, lets_in: tuple[str, str] | None = None
) -> Iterator[MailServer]:
    """A server on a free port of this machine."""
    with MailServer(tls=tls, from_the_start=from_the_start, lets_in=lets_in) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
