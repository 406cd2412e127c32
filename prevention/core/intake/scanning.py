"""Asking ClamAV's daemon about a file: the command INSTREAM of its protocol (clamd(8), read 2026-11-27)."""

import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

import structlog

from prevention.core.intake.kinds import Fault, FileRefused, NotScanned

TIMEOUT_S = 60
CHUNK_BYTES = 64 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Scanner:
    """Where the daemon listens: the path of a Unix socket, or a host and a port."""

    address: str | tuple[str, int]

    @classmethod
    def from_url(cls, url: str) -> "Scanner | None":
        """Give the configured scanner: ``unix:///run/clamav/clamd.ctl`` or ``tcp://host:3310``; None for no address."""
        if not url:
            return None
        parts = urlsplit(url)
        return cls(address=parts.path if parts.scheme == "unix" else (parts.hostname or "", parts.port or 3310))

    def check(self, stream: BinaryIO) -> None:
        """Refuse an infected file; the stream is left at its start.

        Raises:
            FileRefused: with `Fault.INFECTED`.
            NotScanned: the daemon does not answer, or does not want the file.
        """
        try:
            reply = self._ask(stream)
        except OSError as error:
            log.warning("scanner_silent", reason=type(error).__name__)
            raise NotScanned from error
        finally:
            stream.seek(0)
        if reply.endswith(" FOUND"):
            log.warning("upload_infected", signature=reply.removeprefix("stream: ").removesuffix(" FOUND"))
            raise FileRefused(fault=Fault.INFECTED)
        if not reply.endswith(" OK"):
            log.warning("scanner_refused", reply=reply[:100])
            raise NotScanned

    def _ask(self, stream: BinaryIO) -> str:
        family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as line:
            line.settimeout(TIMEOUT_S)
            line.connect(self.address)
            line.sendall(b"zINSTREAM\0")
            stream.seek(0)
            while chunk := stream.read(CHUNK_BYTES):
                line.sendall(struct.pack("!L", len(chunk)) + chunk)
            line.sendall(struct.pack("!L", 0))
            reply = b""
            while not reply.endswith(b"\0") and (piece := line.recv(4096)):
                reply += piece
        return reply.rstrip(b"\0\n").decode("utf-8", errors="replace")
