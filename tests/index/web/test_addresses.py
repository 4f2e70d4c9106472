"""Addresses that lead anywhere but to the public web are refused, however they are written."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from index.errors import UnreadableInput
from index.web.addresses import NOT_PUBLIC, check_address, is_public


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names are found to be; asking for another one fails the test."""
    known: dict[str, list[str]] = {}

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            if host not in known:
                raise socket.gaierror(8, "unknown") from None
            found = known[host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1.2.3/", "http://10.0.0.1/", "http://172.16.0.9/", "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://0.0.0.0/", "http://255.255.255.255/",
        "http://224.0.0.1/", "http://198.18.0.1/", "http://192.0.2.1/", "http://240.0.0.1/",
        "http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/",
        "http://[ff02::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:10.0.0.1]/", "http://[::127.0.0.1]/",
        "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/", "http://[2001:0:7f00:1::]/",
        "http://0x7f.0.0.1/", "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://127.1/",
        "http://localhost/", "http://LOCALHOST./", "http://printer/", "http://router.local/", "http://db.internal/",
        "http://x.localhost/", "http://nas.lan/", "http://public.example:8080/", "http://public.example:22/",
        "http://inside.example/", "http://both.example/", "http://unknown.example/", "http://exa_mple.com/",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(url: str, names: dict[str, list[str]]) -> None:
    names["public.example"] = ["93.184.216.34"]
    names["inside.example"] = ["10.1.2.3"]
    names["both.example"] = ["93.184.216.34", "127.0.0.1"]
    names["localhost"] = names["LOCALHOST."] = ["127.0.0.1"]
    with pytest.raises(UnreadableInput):
        check_address(url, allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://public.example/", "file:///etc/passwd", "javascript:alert(1)", "gopher://public.example/", "http://",
        "http:///path", "//public.example/", "public.example", "http://user@public.example/",
        "http://user:word@public.example/", "http://public.example\\@127.0.0.1/", "http://public.example/a b",
        "http://public.example/\nHost: x", "http://public.example:port/", "http://public.example:99999/",
        "http://[::1/", "http://-a.example/", "http://" + "a" * 70 + ".example/", "http://public.example/" + "a" * 5000,
        "http://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("allow_private", [True, False])
def test_what_is_no_web_address_is_refused_always(url: str, allow_private: bool, names: dict[str, list[str]]) -> None:
    names["public.example"] = ["93.184.216.34"]
    with pytest.raises(UnreadableInput):
        check_address(url, allow_private=allow_private)


def test_refusals_tell_nothing_of_the_network(names: dict[str, list[str]]) -> None:
    names["inside.example"] = ["10.1.2.3"]
    for url in ("http://inside.example/", "http://127.0.0.1/", "http://127.0.0.1:9/", "http://router.local/"):
        with pytest.raises(UnreadableInput, match="FOOTNOTE_FETCH_PRIVATE") as refused:
            check_address(url, allow_private=False)
        assert str(refused.value) == NOT_PUBLIC


def test_a_public_name_is_looked_up_once_and_that_is_where_it_goes(names: dict[str, list[str]]) -> None:
    names["public.example"] = ["93.184.216.34", "93.184.216.35"]
    target = check_address("https://Public.Example/a?b=c", allow_private=False)
    assert (target.scheme, target.host, target.port, target.ip) == ("https", "public.example", 443, "93.184.216.34")
    names["xn--bcher-kva.example"] = ["93.184.216.36"]
    assert check_address("http://bücher.example/", allow_private=False).ip == "93.184.216.36"


def test_ones_own_network_may_be_allowed(names: dict[str, list[str]]) -> None:
    names["printer"] = ["192.168.1.7"]
    assert check_address("http://printer:8080/", allow_private=True).ip == "192.168.1.7"
    assert check_address("http://127.0.0.1:5000/x", allow_private=True).port == 5000
    with pytest.raises(UnreadableInput):
        check_address("http://224.0.0.1/", allow_private=True)


def test_public_addresses_are_public() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "2002:5db8:d822::"):
        assert is_public(ipaddress.ip_address(address)), address
