"""Fetching: one exchange with bounds on time, size and kind, each redirect judged as if it had been given."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from index.errors import UnreadableInput
from index.read.source import MAX_FILE_BYTES
from index.web.addresses import Target, check_address

MAX_REDIRECTS = 5
MAX_SECONDS = 20.0
"""Of the whole exchange, redirects counted in."""
USER_AGENT = "Footnote/0.1 (personal article index)"

_TYPES = frozenset(
    "text/html application/xhtml+xml text/plain text/markdown text/x-markdown application/pdf text/xml application/xml"
    " application/rss+xml application/atom+xml application/rdf+xml"
    " application/rtf text/rtf text/csv application/epub+zip"
    " application/vnd.oasis.opendocument.text application/gzip application/x-gzip"
    " application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    .split()
)  # fmt: skip
_UNTOLD = ("", "application/octet-stream", "binary/octet-stream")
_SUFFIXES = (".html", ".htm", ".txt", ".md", ".pdf", ".docx", ".odt", ".epub", ".rtf", ".csv", ".xml", ".rss", ".atom")
_REASONS = (
    (httpx.ConnectTimeout, "its server did not answer in time"),
    (httpx.TimeoutException, "its server did not answer in time"),
    (httpx.ConnectError, "its server can't be reached"),
    (httpx.RemoteProtocolError, "its server does not speak HTTP as it should"),
    (httpx.TransportError, "the connection to its server broke"),
)


@dataclass(frozen=True)
class Page:
    """What an address gave: `url` is where it was found after redirects, `body` its bytes, unpacked.

    `content_type` is in lower case and without parameters, `encoding` the charset that the server named (or "").
    `unchanged` means that it is as it was when it gave these validators; the body is empty then.
    """

    url: str
    status: Literal["fetched", "unchanged"]
    content_type: str = ""
    body: bytes = b""
    encoding: str = ""
    etag: str = ""
    last_modified: str = ""


class Fetcher:
    """Fetches web addresses. No cookies, no proxies from the environment, no credentials, nothing is sent but the
    request itself. Use it as a context manager, from one thread.
    """

    def __init__(
        self, *, allow_private: bool = False, max_bytes: int = MAX_FILE_BYTES, max_seconds: float = MAX_SECONDS
    ) -> None:
        self._allow_private = allow_private
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._made: httpx.Client | None = None

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made is not None:
            self._made.close()

    @property
    def _client(self) -> httpx.Client:
        if self._made is None:  # reading the certificates takes a while, which only those wait for who fetch
            # each exchange has a connection of its own, so that it can be ended by itself
            limits = httpx.Limits(max_keepalive_connections=0)
            self._made = httpx.Client(trust_env=False, follow_redirects=False, limits=limits)
        return self._made

    def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Page:
        """What is at an address. With the validators of its last answer, a page that is the same is not sent again.

        Raises UnreadableInput for an address that may not be fetched and for whatever goes wrong on the way.
        """
        deadline = time.monotonic() + self._max_seconds
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": last_modified} if last_modified else {}
        for _ in range(MAX_REDIRECTS + 1):
            try:
                target = check_address(urlsplit(url)._replace(fragment="").geturl(), allow_private=self._allow_private)
                answer = self._exchange(target, headers, deadline)
                if isinstance(answer, Page):
                    return answer
                url = urljoin(target.url, answer)
            except httpx.HTTPError as error:
                raise UnreadableInput(_reason(error)) from error
            except ValueError as error:
                raise UnreadableInput(f"it is no web address, or leads to none ({error})") from error
        raise UnreadableInput(f"it was redirected more than {MAX_REDIRECTS} times")

    def _exchange(self, target: Target, headers: dict[str, str], deadline: float) -> Page | str:
        """The page, or the address that it was redirected to."""
        parts = urlsplit(target.url)
        literal = f"[{target.ip}]" if ":" in target.ip else target.ip
        shown = f"[{target.host}]" if ":" in target.host else target.host
        default = {"http": 80, "https": 443}[target.scheme] == target.port
        line = _Line()
        request = self._client.build_request(
            "GET",
            urlunsplit((target.scheme, f"{literal}:{target.port}", parts.path or "/", parts.query, "")),
            headers={**headers, "Host": shown if default else f"{shown}:{target.port}"},
            # the certificate must be the name's, although the connection goes to the address that was judged
            extensions={
                "sni_hostname": target.host,
                "timeout": httpx.Timeout(self._left(deadline)).as_dict(),
                "trace": line.note,
            },
        )
        # a server that sends a byte now and then never lets a read time out
        watch = threading.Timer(self._left(deadline), line.cut)
        watch.daemon = True
        watch.start()
        try:
            return self._answer(request, target, deadline)
        except httpx.TransportError:
            self._left(deadline)
            raise
        finally:
            watch.cancel()

    def _answer(self, request: httpx.Request, target: Target, deadline: float) -> Page | str:
        response = self._client.send(request, stream=True)
        try:
            self._client.cookies.clear()
            if response.has_redirect_location:
                return str(response.headers["location"])
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return Page(target.url, "unchanged")
            if response.status_code != httpx.codes.OK:
                raise UnreadableInput(f"its server answered {response.status_code} {response.reason_phrase}".strip())
            kind = self._kind(response, target)
            return Page(
                url=target.url,
                status="fetched",
                content_type=kind,
                body=b"".join(self._body(response, deadline)),
                encoding=response.charset_encoding or "",
                etag=_sendable(response.headers.get("etag", "")),
                last_modified=_sendable(response.headers.get("last-modified", "")),
            )
        finally:
            response.close()

    def _kind(self, response: httpx.Response, target: Target) -> str:
        kind = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
        suffix = PurePosixPath(urlsplit(target.url).path).suffix.lower()
        if kind not in _TYPES and not (kind in _UNTOLD and (suffix in _SUFFIXES or not kind)):
            raise UnreadableInput(f"what is there ({kind or 'of no stated kind'}) is not read")
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._max_bytes:
            raise UnreadableInput(self._too_large())
        return kind

    def _body(self, response: httpx.Response, deadline: float) -> Iterator[bytes]:
        """The bytes as they come, unpacked, no more of them and no longer than allowed."""
        packed = response.headers.get("content-encoding", "").lower()
        if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise UnreadableInput(f"it is packed in a way that is not read ({packed})")
        unpack = zlib.decompressobj(wbits=47) if packed not in ("", "identity") else None
        size = 0
        try:
            for raw in response.iter_raw():
                self._left(deadline)
                data = raw
                if unpack is not None:
                    data = unpack.decompress(raw, self._max_bytes - size + 1)
                size += len(data)
                if size > self._max_bytes:
                    raise UnreadableInput(self._too_large())
                yield data
            self._left(deadline)  # a connection that was cut looks like a body that ended
        except zlib.error as error:
            raise UnreadableInput("it is damaged: it can't be unpacked") from error

    def _left(self, deadline: float) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise UnreadableInput(f"fetching it took longer than {self._max_seconds:.0f} s")
        return left

    def _too_large(self) -> str:
        return f"it is larger than the {self._max_bytes / 1024**2:.0f} MB that are fetched"


class _Line:
    """The connection of one exchange, to be cut when its time is over."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def note(self, event: str, information: dict[str, Any]) -> None:
        """What httpcore tells of its steps: the socket is in the results of connecting and of starting TLS."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = information["return_value"].get_extra_info("socket")

    def cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _sendable(validator: str) -> str:
    """A validator that can be sent back, or nothing in place of one that can't."""
    return validator if validator.isascii() else ""


def _reason(error: httpx.HTTPError) -> str:
    if "certificate" in str(error).lower():
        return "its server's certificate is not right"
    return next((words for kind, words in _REASONS if isinstance(error, kind)), f"it can't be fetched ({error})")
