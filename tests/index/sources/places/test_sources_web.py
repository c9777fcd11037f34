"""Fetching: only what was allowed, only from where it was allowed, within its limits."""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

import pytest

from index.errors import SourceError, SourceSkippedError
from index.sources.reading import read
from index.sources.web import fetching as web
from index.sources.web.addresses import is_public
from index.sources.web.fetching import WebPolicy, fetch, sitemap_addresses
from index.sources.web.webfiles import fetch_file

LOOPBACK = WebPolicy(allow_private=True, max_bytes=100_000, seconds=5.0)
PAGE = (
    "<!DOCTYPE html><html lang='ru'><head><title>Маяк</title></head><body><p>Маяк зажгли в 1849 году.</p></body></html>"
)


class _Site(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - shared on purpose

    def do_GET(self) -> None:
        self.asked.append(self.path)
        base = f"http://{self.headers['Host']}"
        answers = {
            "/robots.txt": (200, "text/plain", b"User-agent: *\nDisallow: /private\n"),
            "/page": (200, "text/html; charset=windows-1251", PAGE.encode("cp1251")),
            "/private/page": (200, "text/html", b"secret"),
            "/large": (200, "text/plain", b"x" * 200_000),
            "/gone": (404, "text/plain", b"gone"),
            "/sitemap.xml": (200, "text/xml", f"<urlset><url><loc>{base}/page</loc></url><url><loc>http://elsewhere.example/x</loc></url></urlset>".encode()),
            "/index.xml": (200, "text/xml", f"<sitemapindex><sitemap><loc>{base}/sitemap.xml</loc></sitemap></sitemapindex>".encode()),
            "/bomb.xml": (200, "text/xml", b'<!DOCTYPE u [<!ENTITY x "y">]><urlset/>'),
        }  # fmt: skip
        moved = {
            "/moved": "/page",
            "/loop": "/loop",
            "/inside": "http://169.254.169.254/latest/meta-data/",
            "/file": "file:///etc/passwd",
        }
        if self.path in moved:
            self.send_response(302)
            self.send_header("Location", moved[self.path])
            self.end_headers()
            return
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):  # the client gives up, as it should
                for _ in range(40):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    sleep(0.1)
            return
        status, kind, data = answers.get(self.path, (404, "text/plain", b""))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    web._robots.cache_clear()
    _Site.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_page_becomes_a_document(site: str, tmp_path: Path) -> None:
    file = fetch_file(f"{site}/page#part", tmp_path, LOOPBACK)
    (document,) = read(file).documents
    assert document.text == "Маяк зажгли в 1849 году."
    assert (document.source, document.title, document.language) == (f"{site}/page", "Маяк", "ru")


def test_private_addresses_are_refused_unless_allowed(site: str) -> None:
    for address in (
        site,
        site.replace("127.0.0.1", "localhost"),
        "http://[::1]/x",
        "http://169.254.169.254/x",
        "http://10.0.0.1/",
    ):
        with pytest.raises(SourceSkippedError, match="machine or its network"):
            fetch(f"{address}")
    assert _Site.asked == []


def test_each_redirect_is_checked_again(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fetch(f"{site}/moved", LOOPBACK).address == f"{site}/page"
    with pytest.raises(SourceError, match="redirects more than"):
        fetch(f"{site}/loop", LOOPBACK)
    with pytest.raises(SourceSkippedError, match="http and https"):
        fetch(f"{site}/file", LOOPBACK)
    monkeypatch.setattr(web, "is_public", lambda address: address == "127.0.0.1")  # as if the site were public
    with pytest.raises(SourceSkippedError, match="machine or its network"):
        fetch(f"{site}/inside", WebPolicy(seconds=5.0))


def test_a_name_is_refused_when_any_of_its_addresses_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "resolve", lambda host, port: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(SourceSkippedError, match="machine or its network"):
        fetch("http://rebinding.example/")


def test_robots_size_time_and_status(site: str) -> None:
    with pytest.raises(SourceSkippedError, match=r"robots\.txt"):
        fetch(f"{site}/private/page", LOOPBACK)
    assert "/private/page" not in _Site.asked
    with pytest.raises(SourceSkippedError, match="100,000 bytes"):
        fetch(f"{site}/large", LOOPBACK)
    with pytest.raises(SourceError, match="404"):
        fetch(f"{site}/gone", LOOPBACK)
    with pytest.raises(SourceError, match="not fetched within"):
        fetch(f"{site}/slow", WebPolicy(allow_private=True, seconds=1.0))


def test_sitemaps_list_their_own_host_only(site: str) -> None:
    assert sitemap_addresses(f"{site}/index.xml", LOOPBACK) == [f"{site}/page"]
    with pytest.raises(SourceError, match="no sitemap"):
        sitemap_addresses(f"{site}/page", LOOPBACK)
    with pytest.raises(SourceError, match="entities"):
        sitemap_addresses(f"{site}/bomb.xml", LOOPBACK)


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:9"):
        fetch("http://127.0.0.1:9/", LOOPBACK)


@pytest.mark.parametrize(
    "address",
    ["ftp://example.org/", "http://user:word@example.org/", "http://", "file:///etc/passwd"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(SourceError):
        fetch(address, LOOPBACK)


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False),
     ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("::1", False), ("fe80::1%eth0", False),
     ("fc00::1", False), ("::ffff:127.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("nonsense", False)],
)  # fmt: skip
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public
