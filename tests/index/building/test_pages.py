"""Web pages as sources: fetched when named, kept when they can't be fetched, gone when nobody names them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import index
from index.errors import SourceError
from index.sources.types import WebPolicy
from index.sources.web import fetching as web
from tests.harness.crash_harness import read_here

LOCAL = WebPolicy(allow_private=True, seconds=60.0)  # a crowded machine is slow


def html(title: str, text: str) -> bytes:
    page = f"<!DOCTYPE html><html lang='en'><head><title>{title}</title></head><body><p>{text}</p></body></html>"
    return page.encode()


class Site:
    """A web server whose pages a test changes; what is not there is a 404, `None` ends the connection."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | None] = {}
        self.asked: list[str] = []
        self.versions: dict[str, dict[str, str]] = {}
        self.moved: dict[str, str] = {}
        self.answered: list[tuple[str, int]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                if self.path in site.moved:
                    self._say(302, {"Location": site.moved[self.path]})
                    return
                version = site.versions.get(self.path, {})
                marks = (self.headers["If-None-Match"], self.headers["If-Modified-Since"])
                if version and marks == (version.get("ETag"), version.get("Last-Modified")):
                    self._say(304, version)
                    return
                content = site.pages.get(self.path, b"")
                if content is None:
                    self.connection.close()
                    return
                kind = "text/xml" if self.path.endswith(".xml") else "text/html"
                self._say(200 if content else 404, {"Content-Type": kind, **version})
                self.wfile.write(content)

            def _say(self, status: int, headers: dict[str, str]) -> None:
                site.answered.append((self.path, status))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"

    def list_pages(self, *paths: str) -> None:
        rows = "".join(f"<url><loc>{self.base}{path}</loc></url>" for path in paths)
        self.pages["/sitemap.xml"] = f"<urlset>{rows}</urlset>".encode()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("index.building.build.read_many", read_here)
    web._robots.cache_clear()
    found = Site()
    found.pages["/one"] = html("Lighthouse", "The lighthouse was lit in 1849.")
    found.pages["/two"] = html("Canal", "The canal was dug in 1825.")
    found.list_pages("/one", "/two")
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def build(folder: Path, *paths: str | Path, **options: Any) -> index.BuildReport:
    return index.build(paths or None, index_dir=folder, **{"embedder": "hashing", **options})


def texts(folder: Path) -> dict[str, str]:
    with index.open(folder) as opened:
        documents = [opened.store.document(name) for name in opened.store.document_ids()]
    return {document.source.rpartition("/")[2]: document.text for document in documents}


def test_a_page_is_indexed_under_its_address_and_fetched_again_at_an_update(site: Site, folder: Path) -> None:
    report = build(folder, f"{site.base}/one#lamp", web=LOCAL)
    assert report.added == (f"{site.base}/one",)
    assert texts(folder) == {"one": "The lighthouse was lit in 1849."}
    assert index.sources_of(folder) == (f"{site.base}/one#lamp",)
    assert not index.status(folder).problems
    again = build(folder)  # the policy is remembered with the address
    assert (again.generation, again.unchanged) == (1, report.added)
    assert site.asked.count("/one") == 2
    site.pages["/one"] = html("Lighthouse", "The lighthouse was lit in 1850.")
    assert build(folder).changed == report.added
    assert "1850" in texts(folder)["one"]
    assert len(list((folder / "pages").iterdir())) == 1


VERSIONS = [
    {"ETag": '"v1"'},
    {"Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"},
    {"ETag": 'W/"v1"', "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"},
]


@pytest.mark.parametrize("version", VERSIONS, ids=["etag", "modified", "both"])
def test_an_unchanged_page_costs_one_conditional_request(
    version: dict[str, str], site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.versions["/one"] = version
    report = build(folder, f"{site.base}/one", web=LOCAL)
    with monkeypatch.context() as nothing:
        nothing.setattr("index.building.build.read_many", lambda tasks, **_: iter([(each, None) for each in tasks][:0]))
        again = build(folder)
    assert (again.generation, again.unchanged, again.failed) == (1, report.added, ())
    assert [status for path, status in site.answered if path == "/one"] == [200, 304]
    site.versions["/one"] = {name: f"{value}x" for name, value in version.items()}
    site.pages["/one"] = html("Lighthouse", "The lighthouse was lit in 1850.")
    assert build(folder).changed == report.added
    assert texts(folder) == {"one": "The lighthouse was lit in 1850."}
    assert [status for path, status in site.answered if path == "/one"] == [200, 304, 200]
    build(folder, f"{site.base}/two", web=LOCAL)
    assert len(list((folder / "pages").iterdir())) == 1  # the page that nobody names any more left with its note


def test_a_page_that_is_not_as_it_was_fetched_is_fetched_whole(site: Site, folder: Path) -> None:
    site.versions["/one"] = {"ETag": '"v1"'}
    build(folder, f"{site.base}/one", web=LOCAL)
    (page,) = (folder / "pages").glob("*.html")
    page.write_bytes(page.read_bytes()[:40])  # as a kill in the midst of writing would leave it
    assert build(folder).failed == ()
    assert texts(folder) == {"one": "The lighthouse was lit in 1849."}
    (note,) = (folder / "pages").glob("*.http.json")
    for broken in ("", "[]", "{", '{"name": "../../etc/passwd", "sha256": "", "version": {}}', '{"name": 3}'):
        note.write_text(broken)
        assert build(folder).unchanged == (f"{site.base}/one",)


def test_the_version_of_one_address_is_not_told_to_another(site: Site, folder: Path) -> None:
    """Two pages may have the same ETag: behind a redirect that changed there is another page."""
    site.versions = {"/one": {"ETag": '"1"'}, "/two": {"ETag": '"1"'}}
    site.moved["/latest"] = "/one"
    build(folder, f"{site.base}/latest", web=LOCAL)
    assert build(folder).unchanged == (f"{site.base}/latest",)
    assert site.answered[-1] == ("/one", 304)
    site.moved["/latest"] = "/two"
    assert build(folder).changed == (f"{site.base}/latest",)
    assert "canal" in texts(folder)["latest"]


@pytest.mark.parametrize("etag", ["\x80abc", "x" * 2000])
def test_a_version_that_can_not_be_sent_back_is_not(etag: str, site: Site, folder: Path) -> None:
    site.versions["/one"] = {"ETag": etag}
    build(folder, f"{site.base}/one", web=LOCAL)
    assert build(folder).failed == ()
    assert [status for path, status in site.answered if path == "/one"] == [200, 200]


def test_files_and_pages_live_in_one_index(site: Site, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "note.txt").write_text("A note about the harbour.")
    assert len(build(folder, tmp_path / "texts", f"{site.base}/sitemap.xml", web=LOCAL).added) == 3
    assert set(texts(folder)) == {"note.txt", "one", "two"}
    asked = len(site.asked)
    (tmp_path / "texts" / "note.txt").write_text("Another note about the harbour.")
    report = build(folder, refetch=False)
    assert report.changed == ("texts/note.txt",)
    assert len(report.unchanged) == 2
    assert len(site.asked) == asked
    assert set(texts(folder)) == {"note.txt", "one", "two"}
    assert len(build(folder, tmp_path / "texts").removed) == 2  # nobody names them any more
    assert set(texts(folder)) == {"note.txt"}
    assert list((folder / "pages").iterdir()) == []


def test_private_addresses_are_refused_unless_asked_for(site: Site, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="machine or its network"):
        build(folder, f"{site.base}/one")
    (tmp_path / "note.txt").write_text("A note about the harbour.")
    report = build(folder, tmp_path / "note.txt", f"{site.base}/one")
    ((source, reason),) = report.failed
    assert source == f"{site.base}/one"
    assert "private addresses" in reason
    assert len(report.added) == 1
    assert site.asked == []


def test_one_bad_address_is_named_and_the_rest_goes_on(site: Site, folder: Path) -> None:
    report = build(folder, f"{site.base}/one", f"{site.base}/nowhere", "http://127.0.0.1:99999/", web=LOCAL)
    assert report.added == (f"{site.base}/one",)
    failed = dict(report.failed)
    assert set(failed) == {f"{site.base}/nowhere", "http://127.0.0.1:99999/"}
    assert "404" in failed[f"{site.base}/nowhere"]
    assert len(index.status(folder).problems) == 2
    assert build(folder).generation == report.generation  # failing again in the same way is no news


@pytest.mark.parametrize("content", [b"", None])
def test_a_page_that_can_not_be_fetched_keeps_its_text(site: Site, folder: Path, content: bytes | None) -> None:
    build(folder, f"{site.base}/one", f"{site.base}/two", web=LOCAL)
    page, site.pages["/one"] = site.pages["/one"], content
    report = build(folder)
    ((source, reason),) = report.failed
    assert source == f"{site.base}/one"
    assert "keeps the earlier text" in reason
    assert set(texts(folder)) == {"one", "two"}
    assert build(folder).generation == report.generation
    assert build(folder, rebuild=True).failed == report.failed
    assert set(texts(folder)) == {"one", "two"}
    site.pages["/one"] = page
    assert build(folder).failed == ()
    assert not index.status(folder).problems


def test_pages_of_a_sitemap_come_and_go_and_stay_when_it_can_not_be_read(site: Site, folder: Path) -> None:
    address = f"{site.base}/sitemap.xml"
    assert len(build(folder, address, web=LOCAL).added) == 2
    site.pages["/three"] = html("Mill", "The mill ground pepper.")
    site.list_pages("/two", "/three")
    report = build(folder)
    assert (report.added, report.removed) == ((f"{site.base}/three",), (f"{site.base}/one",))
    listed, site.pages["/sitemap.xml"] = site.pages["/sitemap.xml"], None
    report = build(folder)
    assert {source for source, _ in report.failed} == {address, f"{site.base}/two", f"{site.base}/three"}
    assert set(texts(folder)) == {"two", "three"}
    site.pages["/sitemap.xml"] = listed
    report = build(folder)
    assert (report.failed, report.removed, len(report.unchanged)) == ((), (), 2)
    assert not index.status(folder).problems


def test_what_robots_forbid_in_a_sitemap_is_skipped(site: Site, folder: Path) -> None:
    site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /two\n"
    report = build(folder, f"{site.base}/sitemap.xml", web=LOCAL)
    assert report.added == (f"{site.base}/one",)
    ((source, reason),) = report.skipped
    assert (source, "robots.txt" in reason) == (f"{site.base}/two", True)
    assert "/two" not in site.asked


def test_a_page_that_only_ends_like_a_sitemap_is_a_page(site: Site, folder: Path) -> None:
    site.pages["/story.xml"] = html("Story", "A story about pepper and timber.")
    assert build(folder, f"{site.base}/story.xml", web=LOCAL).added == (f"{site.base}/story.xml",)
