"""Web pages and sitemaps, fetched only when somebody gives their address.

Every hop is checked anew: the name is resolved, each of its addresses must be public, and the connection goes to the
very address that was checked, so that a name can't point elsewhere between check and use. `robots.txt` is respected.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.robotparser import RobotFileParser

import httpx

from index.errors import SourceError
from index.language.hygiene import printable
from index.sources.text.xml import find_all, local, parse_xml
from index.sources.types import RefusedError, WebPolicy
from index.sources.web.addresses import is_address, is_public, resolve

__all__ = [
    "NoSitemapError",
    "Version",
    "WebPage",
    "WebPolicy",
    "fetch",
    "host_of",
    "is_address",
    "path_of",
    "sitemap_addresses",
    "without_fragment",
]

USER_AGENT = "babelquote/0.1 (reads pages that its user names)"
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_SITEMAPS = 50
_ROBOTS_BYTES = 512 * 1024
_LONGEST = 500  # characters of an ETag


class NoSitemapError(SourceError):
    """What was fetched is a page, or damaged, but no sitemap."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a server said by which it knows this version of a page again.

    Attributes:
        address: the final address.
        etag: the `ETag`, or `""`.
        modified: the `Last-Modified`, or `""`.
    """

    address: str
    etag: str = ""
    modified: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the server said anything."""
        return bool(self.etag or self.modified)

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for another version only."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a server answered.

    Attributes:
        version: the final address, and what tells this version of the page from others.
        data: the bytes; none when the page is unchanged.
        content_type: what the server says they are.
        charset: and in which encoding.
        unchanged: whether it is the version that was known.
    """

    version: Version
    data: bytes = b""
    content_type: str = ""
    charset: str = ""
    unchanged: bool = False

    @property
    def address(self) -> str:
        """The final address."""
        return self.version.address


def host_of(address: str) -> str:
    """Return the host of an address, `""` when it has none."""
    return _parsed(address).host


def path_of(address: str) -> str:
    """Return the path of an address."""
    return _parsed(address).path


def without_fragment(address: str) -> str:
    """Return the address without the part after `#`, which names a place in the same page."""
    parsed = _parsed(address)
    return str(parsed.copy_with(fragment=None)) if parsed.host else address


def _parsed(address: str) -> httpx.URL:
    try:
        return httpx.URL(address)
    except httpx.InvalidURL:  # fetching it says so
        return httpx.URL()


def fetch(address: str, policy: WebPolicy | None = None, known: Version | None = None) -> WebPage:
    """Fetch one page.

    Args:
        address: where it is.
        policy: what fetching may do.
        known: the version that is there already; when the page still has it, only that is said.

    Raises:
        SourceSkippedError: robots.txt, the size limit or the kind of address forbid it.
        SourceError: the server can't be reached, answers with an error, or is too slow.
    """
    policy = policy or WebPolicy()
    shown = printable(address)
    deadline = time.monotonic() + policy.seconds
    try:
        url = httpx.URL(address).copy_with(fragment=None)
        for _ in range(policy.max_redirects + 1):
            _check_robots(url, policy)
            page, target = _request(url, policy, deadline, known)
            if page is not None:
                return page
            url = url.join(target)
    except RefusedError as error:
        raise error.of(shown) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        reason = str(error) or type(error).__name__
        raise SourceError(shown, f"can't be fetched ({reason})", "check the address and the connection") from error
    raise SourceError(shown, f"redirects more than {policy.max_redirects} times")


def sitemap_addresses(address: str, policy: WebPolicy | None = None) -> list[str]:
    """Return the pages that a sitemap (or an index of sitemaps) lists on its own host.

    Raises:
        SourceError: it can't be fetched.
        NoSitemapError: it is no sitemap.
    """
    policy = policy or WebPolicy()
    host = httpx.URL(address).host
    waiting, seen, found = [address], 0, dict[str, None]()
    while waiting and seen < _MOST_SITEMAPS and len(found) < policy.max_pages:
        current = waiting.pop(0)
        seen += 1
        for kind, entry in _entries(current, policy):
            if httpx.URL(entry).host == host:
                if kind == "sitemap":
                    waiting.append(entry)
                else:
                    found[entry] = None
    return list(found)[: policy.max_pages]


def _entries(address: str, policy: WebPolicy) -> Iterator[tuple[str, str]]:
    page = fetch(address, policy)
    try:
        root = parse_xml(_unpacked(page.data, policy.max_bytes))
    except RefusedError as error:
        raise NoSitemapError(printable(address), f"no sitemap ({error.reason})") from error
    if local(root) not in ("urlset", "sitemapindex"):
        raise NoSitemapError(printable(address), "no sitemap: it lists no addresses")
    for entry in find_all(root, "url", "sitemap"):
        for location in find_all(entry, "loc"):
            if is_address((location.text or "").strip()):
                yield local(entry), (location.text or "").strip()


def _unpacked(data: bytes, limit: int) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, limit)
    except zlib.error as error:
        raise RefusedError("a damaged gzip file") from error


def _request(
    url: httpx.URL, policy: WebPolicy, deadline: float, known: Version | None = None
) -> tuple[WebPage | None, str]:
    """Ask once; return the page, or where it has moved."""
    conditions = known.conditions() if known and known.address == str(url) else {}  # another address, another page
    status, headers, data = _get(url, policy, deadline, policy.max_bytes, conditions)
    if status == 304 and known and conditions:
        return WebPage(known, unchanged=True), ""
    if status in _REDIRECTS and headers.get("location"):
        return None, headers["location"]
    if status != 200:
        raise RefusedError(f"the server answered {status}", "check the address")
    kind, _, rest = headers.get("content-type", "").partition(";")
    charset = rest.partition("charset=")[2].strip(" \"';")
    version = Version(str(url), _sent_back(headers, "etag"), _sent_back(headers, "last-modified"))
    return WebPage(version, data, kind.strip().lower(), charset), ""


def _sent_back(headers: httpx.Headers, name: str) -> str:
    """Return a header of an answer if it can be a header of a question."""
    value = str(headers.get(name, ""))
    return value if value.isascii() and value.isprintable() and len(value) <= _LONGEST else ""


def _get(
    url: httpx.URL, policy: WebPolicy, deadline: float, limit: int, conditions: Mapping[str, str] = MappingProxyType({})
) -> tuple[int, httpx.Headers, bytes]:
    address = _checked_address(url, policy)
    about = {"Host": url.netloc.decode("ascii"), "User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    headers = {**about, **conditions}
    left = max(0.1, deadline - time.monotonic())
    data = bytearray()
    with (
        httpx.Client(trust_env=False, follow_redirects=False, timeout=min(left, 10.0)) as client,
        client.stream(
            "GET", url.copy_with(host=address), headers=headers, extensions={"sni_hostname": url.host}
        ) as got,
    ):
        if got.headers.get("content-encoding", "identity") != "identity":
            raise RefusedError("the server packs its answer although it was asked not to")
        for chunk in got.iter_raw():
            data += chunk
            if len(data) > limit:
                raise RefusedError(f"more than {limit:,} bytes, the limit", skipped=True)
            if time.monotonic() > deadline:
                raise RefusedError(f"not fetched within {policy.seconds:g} s")
        return got.status_code, got.headers, bytes(data)


def _checked_address(url: httpx.URL, policy: WebPolicy) -> str:
    """Return the address to connect to; every address of the name must be allowed."""
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise RefusedError("only plain http and https addresses are fetched", skipped=True)
    addresses = resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
    if not policy.allow_private and not all(map(is_public, addresses)):
        raise RefusedError(
            "leads to this machine or its network", "private addresses must be allowed first", skipped=True
        )
    return addresses[0]


def _check_robots(url: httpx.URL, policy: WebPolicy) -> None:
    rules = _robots(str(url.copy_with(raw_path=b"/robots.txt")), policy)
    if not rules.can_fetch(USER_AGENT, str(url)):
        raise RefusedError("the site's robots.txt asks not to read it", skipped=True)


@lru_cache(maxsize=256)
def _robots(address: str, policy: WebPolicy) -> RobotFileParser:
    """Return a site's rules: none when it has no file; all forbidden while it can't say (RFC 9309)."""
    rules = RobotFileParser()
    deadline = time.monotonic() + policy.seconds
    status, _, data = _get(httpx.URL(address), policy, deadline, _ROBOTS_BYTES)
    if status >= 500:
        rules.parse(["User-agent: *", "Disallow: /"])
    else:
        rules.parse(data.decode("utf-8", "replace").splitlines() if status == 200 else [])
    return rules
