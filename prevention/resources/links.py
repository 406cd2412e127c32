"""Asking whether a link still answers, without ever being led into the local network.

A link is written by people and followed by us: somebody could point it, or a redirect behind it, at a machine that only
this server can reach. So each name is looked up once, every address it has must be a public one, and the connection
goes to the very address that was checked, also after a redirect (server-side request forgery, OWASP ASVS 4.0.3, 5.2.6).
"""

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

TIMEOUT_S = 10
REDIRECTS_MOST = 5
_AGENT = "prevention-link-check/1"
_ALIVE = frozenset({401, 402, 403, 405, 406, 429, 451, 501})
_TRY_GET = frozenset({400, 403, 404, 405, 406, 501})


class Trouble(StrEnum):
    """Why a link is not one that a reader could follow."""

    NO_WEB_ADDRESS = "no_web_address"
    UNKNOWN_NAME = "unknown_name"
    PRIVATE = "private"
    NO_ANSWER = "no_answer"
    NOT_FOUND = "not_found"
    SERVER_FAULT = "server_fault"
    LOOP = "loop"


class _Failed(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    is_https: bool
    host: str
    port: int
    address: str
    target: str


def check(url: str, *, allows_private: bool = False) -> Trouble | None:
    """Ask a link; give what is wrong with it, or None when it answers.

    Answers such as "not for programs" (403) or "too often" (429) come from a page that is there.

    Args:
        allows_private: ask addresses of this machine and its network too.
    """
    try:
        for _step in range(REDIRECTS_MOST + 1):
            place = _look_up(url, allows_private=allows_private)
            status, location = _ask(place, "HEAD")
            if status in _TRY_GET:
                status, location = _ask(place, "GET")
            if location is None or not 300 <= status < 400:
                return _judge(status)
            url = urljoin(url, location)
    except _Failed as failure:
        return failure.trouble
    return Trouble.LOOP


def _judge(status: int) -> Trouble | None:
    if status < 400 or status in _ALIVE:
        return None
    return Trouble.SERVER_FAULT if status >= 500 else Trouble.NOT_FOUND


def _look_up(url: str, *, allows_private: bool) -> _Place:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise _Failed(Trouble.NO_WEB_ADDRESS) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _Failed(Trouble.NO_WEB_ADDRESS)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Failed(Trouble.UNKNOWN_NAME) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise _Failed(Trouble.UNKNOWN_NAME)
    if not allows_private and not all(is_public(address) for address in addresses):
        raise _Failed(Trouble.PRIVATE)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Place(is_https=parts.scheme == "https", host=parts.hostname, port=port, address=addresses[0], target=target)


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public network, also one dressed up as IPv6."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None and not inner.is_global:
            return False
        # 64:ff9b::/96 is translated to the IPv4 address in its last bits (RFC 6052).
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF).is_global
    return ip.is_global and not ip.is_multicast


def _ask(place: _Place, method: str) -> tuple[int, str | None]:
    line = _connect(place)
    try:
        line.request(
            method,
            "".join(char if "!" <= char <= "~" else f"%{ord(char):02X}" for char in place.target.replace(" ", "%20")),
            headers={"User-Agent": _AGENT, "Accept": "*/*", "Connection": "close"},
        )
        response = line.getresponse()
        # Not a byte of the page is read: that it answers is enough.
        return response.status, response.getheader("Location")
    except (OSError, http.client.HTTPException, ValueError):
        raise _Failed(Trouble.NO_ANSWER) from None
    finally:
        line.close()


def _connect(place: _Place) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(place.host, place.port, timeout=TIMEOUT_S)
    try:
        line = socket.create_connection((place.address, place.port), timeout=TIMEOUT_S)
        if place.is_https:
            line = ssl.create_default_context().wrap_socket(line, server_hostname=place.host)
    except (OSError, ValueError):
        raise _Failed(Trouble.NO_ANSWER) from None
    # Set by hand, so that the name is not looked up a second time and answered otherwise.
    connection.sock = line
    return connection
