"""Which addresses may be fetched: those of the public web, and of one's own network only when that is allowed.

The name is looked up once, every address it has is judged, and one that was judged is what is connected to: a name
that gives another address the next time it is asked (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import UnreadableInput

NOT_PUBLIC = "it is not an address of the public web (FOOTNOTE_FETCH_PRIVATE=true allows those of your own network)"
"""Said of every address that is refused for where it leads, so that the refusals tell nothing of one's network."""

_PORTS = {"http": 80, "https": 443}
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"{}|^`]")
_PRIVATE_NAMES = (".local", ".internal", ".localhost", ".home.arpa", ".lan", ".intranet", ".corp", ".home", ".onion")
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?", re.IGNORECASE)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """Where a request goes: the address as it was given, its host's name, and the IP address to connect to."""

    url: str
    scheme: str
    host: str
    port: int
    ip: str


def check_address(url: str, *, allow_private: bool) -> Target:
    """What to connect to for this address, whose name is looked up once. Raises UnreadableInput if it may not be."""
    if _UNFIT.search(url) or len(url) > 4096:
        raise UnreadableInput("it is not a web address: it holds characters that none may have, or is too long")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnreadableInput(f"it is not a web address ({error})") from error
    if parts.scheme.lower() not in _PORTS or not parts.hostname:
        raise UnreadableInput("only addresses that begin with http:// or https:// are fetched")
    if "@" in parts.netloc:
        raise UnreadableInput("addresses with a user name in them are not fetched")
    scheme = parts.scheme.lower()
    port = port if port is not None else _PORTS[scheme]
    host = _host(parts.hostname)
    if not allow_private and (port not in _PORTS.values() or _is_private_name(host)):
        raise UnreadableInput(NOT_PUBLIC)
    addresses = _looked_up(host, port)
    if not allow_private and not all(is_public(each) for each in addresses):
        raise UnreadableInput(NOT_PUBLIC)
    if any(each.is_multicast or each.is_unspecified for each in addresses):
        raise UnreadableInput(NOT_PUBLIC)
    return Target(url, scheme, host, port, str(addresses[0]))


def is_public(address: Address) -> bool:
    """Whether an IP address, and any that is wrapped in it, is one of the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64 or int(address) >> 32 == 0:
            wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [each for each in wrapped if each is not None]
        if inner:
            return all(is_public(each) for each in inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _host(given: str) -> str:
    """The name in the form in which it is looked up, or the IP address as it is."""
    try:
        return str(ipaddress.ip_address(given.split("%")[0])) if "%" not in given else _bad_host()
    except ValueError:
        pass
    try:
        name = given.encode("ascii").decode() if given.isascii() else _idna(given)
    except UnicodeError:
        _bad_host()
    last = name.rstrip(".").rpartition(".")[2]
    if not _NAME.fullmatch(name) or last.isdigit() or last.lower().startswith("0x"):
        _bad_host()  # 0x7f.1, 2130706433 and 0177.0.0.1 are ways to write 127.0.0.1
    return name.lower()


def _idna(name: str) -> str:
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise UnicodeError(str(error)) from error


def _bad_host() -> str:
    raise UnreadableInput("its host is no name and no address that is fetched")


def _is_private_name(host: str) -> bool:
    bare = host.rstrip(".")
    if ":" in bare:
        return False
    return "." not in bare or bare.endswith(_PRIVATE_NAMES)


def _looked_up(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreadableInput(f"no server of the name {host} was found") from error
    addresses = [ipaddress.ip_address(str(each[4][0]).split("%")[0]) for each in found]
    if not addresses:
        raise UnreadableInput(f"no server of the name {host} was found")
    return addresses
