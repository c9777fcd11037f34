"""The library over a real index: listed, searched, uploaded to, updated while others ask, closed to all who may not."""

from __future__ import annotations

import base64
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar, cast

import httpx
import pytest
from starlette.requests import Request

import index
from index.building.report import BuildReport
from index.errors import IndexBusyError, SourceError, StoreError
from index.opening.listing import list_documents
from rag import Assistant
from tests.conftest import SEEDS
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_library import library, site
from tests.harness.ui_server import Site, chat_site
from ui.http.admission import ApiError
from ui.http.sign_in.login import Users, hash_password, read_users
from ui.page.library_routes import add
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights
from ui.service.library.uploads import Uploads, safe_stem

__all__ = ["library", "site"]
TREES = "The oldest tree of the forest is called Ulrich. It was planted in the year 1204 near the mill."


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two articles and a broken file, indexed once; each test gets a copy of the index."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "texts").mkdir()
    for name in ("egypt-iraq-defense-industry.md", "masr-aliraq-taawun-askari.md"):
        (folder / "texts" / name).write_bytes((SEEDS / name).read_bytes())
    (folder / "texts" / "empty.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    index.build([folder / "texts"], index_dir=folder / "index", embedder="hashing", exclude=["drafts/"])
    return folder


class Admin:
    """A program that does what the page does."""

    def __init__(self, site: Site) -> None:
        self.http = httpx.Client(base_url=site.url, timeout=30)
        self.token = str(self.state()["token"])

    def state(self) -> dict[str, Any]:
        return dict(self.http.get("/library/state").json())

    def documents(self, **query: str) -> dict[str, Any]:
        return dict(self.http.get("/library/documents", params=query).json())

    def post(self, path: str, body: object = None, **more: Any) -> httpx.Response:
        headers = {"x-babelquote-token": self.token}
        return self.http.post(f"/library/{path}", json=body or {}, headers=headers, **more)

    def upload(self, name: str, content: bytes) -> httpx.Response:
        headers = {"x-babelquote-token": self.token}
        return self.http.post("/library/upload", params={"name": name}, content=content, headers=headers)

    def wait(self) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while (build := self.state()["build"])["running"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return dict(build)


def test_what_is_indexed_is_listed_searched_and_filtered(site: Site, built: Path) -> None:
    me = Admin(site)
    listed = me.documents()
    by_title = {one["title"]: one for one in listed["documents"]}
    assert listed["total"] == 2
    assert sum(one["passages"] for one in listed["documents"]) == listed["passages"] > 2
    failed = by_title["empty.pdf"]
    assert failed["state"] in ("failed", "skipped") or "empty.pdf" in str(me.documents(state="skipped"))
    assert failed["reason"] and failed["id"] == ""
    assert [one["language"] for one in me.documents(language="ar")["documents"]] == ["ar"]
    assert me.documents(query="BAGHDAD a hand")["found"] == 1
    assert me.documents(query="القاهرة")["found"] == 1
    assert me.documents(query="nowhere")["documents"] == []
    assert str(built) not in str(listed)  # no path of the machine leaves it


def test_an_upload_is_indexed_answers_and_can_be_removed(site: Site, library: Library) -> None:
    me = Admin(site)
    assert me.upload("../../the trees.txt", TREES.encode()).status_code == 202
    build = me.wait()
    assert build["report"]["added"] == ["the trees.txt"]
    assert len(build["report"]["unchanged"]) == 2
    assert list_documents(library.index_dir).options["exclude"] == ["drafts/"]  # what was chosen before stays chosen
    answer = httpx.post(f"{site.url}/api/search", json={"question": "How is the oldest tree called?"}).json()
    assert "Ulrich" in answer["passages"][0]["text"]
    (mine,) = [one for one in me.documents()["documents"] if one["uploaded"]]
    assert me.post("remove", {"id": mine["id"]}).status_code == 202
    assert len(me.wait()["report"]["removed"]) == 1
    assert list(library.uploads.folder.iterdir()) == []
    assert me.documents()["total"] == 2


def test_what_is_not_listed_can_not_be_removed(site: Site, built: Path) -> None:
    me = Admin(site)
    for name, source in (("", ""), ("../index", ""), ("nothing", ""), ("", str(built / "texts")), ("", "texts")):
        assert me.post("remove", {"id": name, "source": source}).json()["error"] == "not_removable"
    assert me.post("remove", {"place": "0" * 16}).json()["error"] == "not_removable"
    assert len(list((built / "texts").iterdir())) == 3


def test_a_folder_is_added_for_the_local_user(site: Site, tmp_path: Path) -> None:
    me = Admin(site)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "trees.txt").write_text(TREES, "utf-8")
    assert me.post("add", {"place": str(tmp_path / "more")}).status_code == 202
    assert me.wait()["report"]["added"] == ["more/trees.txt"]
    for place in ("", str(tmp_path / "none"), "a\0b"):
        assert me.post("add", {"place": place}).json()["error"] == "add_missing"


class _Page(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        found = self.path == "/trees"
        body = f"<html><head><title>Trees</title></head><body><p>{TREES}</p></body></html>".encode()
        self.send_response(200 if found else 404)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body if found else b"")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def web_page() -> Iterator[str]:
    """A page on this machine, as one of the operator's own network."""
    server = HTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _Page.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}/trees"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_a_web_address_is_added_asked_and_forgotten_again(library: Library, web_page: str) -> None:
    library.builds = Builds(library.index_dir, private_addresses=True)
    with chat_site(Assistant(index_dir=library.index_dir), library=library) as site:
        me = Admin(site)
        assert me.post("add", {"place": f" {web_page} "}).status_code == 202
        assert me.wait()["report"]["added"] == [web_page]
        answer = httpx.post(f"{site.url}/api/search", json={"question": "How is the oldest tree called?"}).json()
        assert answer["passages"][0]["source"] == web_page
        (mine,) = [one for one in me.documents()["documents"] if one["source"] == web_page]
        assert (mine["title"], mine["source"]) == ("Trees", web_page)
        assert me.post("remove", {"id": mine["id"]}).status_code == 202
        assert me.wait()["report"]["removed"] == [web_page]
        assert web_page not in list_documents(library.index_dir).roots


@pytest.mark.slow
def test_addresses_of_the_own_network_need_the_operator_s_word(site: Site, library: Library, web_page: str) -> None:
    me = Admin(site)
    asked_before = list(_Page.asked)
    for place in (web_page, "http://169.254.169.254/latest/meta-data/"):
        assert me.post("add", {"place": place}).status_code == 202
        build = me.wait()
        assert build["problem"] or place in [source for source, _ in build["report"]["failed"]]
        assert asked_before == _Page.asked  # nobody was asked
        for one in me.documents()["documents"]:
            if one["source"] == place:  # what failed can be taken out again
                assert me.post("remove", {"id": "", "source": one["source"]}).status_code == 202
                me.wait()
        assert place not in list_documents(library.index_dir).roots
    assert me.documents()["total"] == 2


def test_neither_folders_nor_addresses_are_added_for_anyone_but_the_local_user(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built / "index", tmp_path / "index")
    everyone = Library(tmp_path / "index", Rights(local=False, admin=True))
    with chat_site(library=everyone, users=Users({}), host="0.0.0.0") as site:
        assert httpx.post(f"{site.url}/library/add", json={"place": "/etc"}).status_code == 401
    request = Request({"type": "http", "headers": [(b"x-babelquote-token", everyone.rights.token.encode())]})
    everyone.rights.check(request)  # may change what is indexed …
    for place in ("/etc", "https://example.org/", "file:///etc/passwd"):
        with pytest.raises(ApiError, match="not_allowed"):  # … but names no place of this machine
            add(everyone, {"place": place})
    assert not everyone.builds.state.number


def test_places_elsewhere_are_named_on_the_page_only_where_the_operator_lets_it(built: Path, tmp_path: Path) -> None:
    asked: list[dict[str, object]] = []

    def build(**options: object) -> BuildReport:
        asked.append(options)
        raise SourceError("s3://bucket/x", "not now")

    for allowed in (False, True):
        builds = Builds(built / "index", build)
        library = Library(built / "index", Rights(local=True), builds, allow_places=allowed)
        seen = {}
        for place in ("s3://bucket/x", "s3://me:pw-1@bucket/x", "file:///etc", "memory://x", "hdfs://host/x", "xy://z"):
            try:
                library.add(place)
                seen[place] = ""
            except ApiError as error:
                seen[place] = str(error)
        if not allowed:
            assert set(seen.values()) == {"add_no_places"} and not asked
    assert seen.pop("s3://bucket/x") == "" and set(seen.values()) == {"add_missing"}
    while builds.state.running:
        time.sleep(0.01)
    (options,) = asked
    assert options["guarded"] == ("s3://bucket/x",) and "s3://bucket/x" in cast("list[str]", options["paths"])


HOSTILE = ["../../etc/passwd.txt", "a\x00b.txt", "<img src=x onerror=alert(1)>.md", "..%2f..%2fx.txt"]
HOSTILE += [
    "x" * 3_000 + ".txt",
    "\u202egpj.txt",
    "CON.txt",
    ".txt",
    "a\r\nSet-Cookie: x.txt",
    "C:\\windows\\x.txt",
    "~/x.txt",
    "-rf.txt",
    "گزارش.txt",
]


@pytest.mark.parametrize("name", partly_slow(HOSTILE, now=4))
def test_hostile_names_become_plain_ones_inside_the_folder(tmp_path: Path, name: str) -> None:
    import asyncio

    async def blocks() -> Any:
        yield TREES.encode()

    uploads = Uploads(tmp_path / "files" / "uploads")
    path = uploads.accept(asyncio.run(uploads.receive(name, blocks())))
    assert path.parent.parent == uploads.folder
    assert path.read_text("utf-8") == TREES
    assert all(letter.isalnum() or letter in "-." for letter in path.name)
    assert len(path.name.encode()) <= 160
    assert {one.name for one in tmp_path.iterdir()} == {"files"}
    uploads.remove(str(tmp_path))
    uploads.remove(str(uploads.folder))
    assert path.exists()
    uploads.remove(str(path))
    assert not path.exists()


def test_a_stem_keeps_letters_of_every_script() -> None:
    assert safe_stem("เรื่องที่ 1.pdf") == "เรื่องที่-1"
    assert safe_stem("गर्मी.txt") == "गर्मी"


def test_what_can_not_be_read_is_refused_and_leaves_nothing(site: Site, library: Library) -> None:
    me = Admin(site)
    for name, content, status, key in (
        ("program.exe", b"MZ", 415, "upload_kind"),
        ("noname", b"x", 415, "upload_kind"),
        ("empty.txt", b"", 422, "upload_empty"),
        ("image.pdf", b"\x89PNG\r\n\x1a\n" + bytes(200), 422, "upload_unreadable"),
        ("cut.docx", b"PK\x03\x04" + bytes(100), 422, "upload_unreadable"),
    ):
        answer = me.upload(name, content)
        assert (answer.status_code, answer.json()["error"]) == (status, key), name
    assert not me.state()["build"]["running"]
    files = library.index_dir.with_name("index-files")
    assert [path for path in files.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_sizes_and_the_quota_are_kept(library: Library) -> None:
    library.uploads.file_bytes, library.uploads.total_bytes = 10_000, 15_000
    with chat_site(Assistant(index_dir=library.index_dir), library=library) as site:
        me = Admin(site)
        assert me.upload("a.txt", b"word " * 2_001).status_code == 413

        def undeclared() -> Iterator[bytes]:
            for _ in range(200):
                yield b"word " * 1_000

        try:
            headers = {"x-babelquote-token": me.token}
            status = me.http.post("/library/upload?name=b.txt", content=undeclared(), headers=headers).status_code
        except httpx.TransportError:
            status = 413
        assert status == 413
        assert [path for path in library.index_dir.with_name("index-files").rglob("*") if path.is_file()] == []
        assert me.upload("c.txt", b"word " * 1_900).status_code == 202
        assert me.upload("d.txt", b"word " * 1_900).json()["error"] == "upload_full"
        me.wait()


def test_every_change_needs_the_token(site: Site, library: Library) -> None:
    before = list_documents(library.index_dir).generation
    for path in ("update", "remove", "add", "upload?name=x.txt"):
        for headers in ({}, {"x-babelquote-token": ""}, {"x-babelquote-token": "guess"}, {"x-babelquote-token": "ü"}):
            raw = {name: value.encode() for name, value in headers.items()}
            answer = httpx.post(f"{site.url}/library/{path}", content=b"{}", headers=raw)
            assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
        token = {"x-babelquote-token": library.rights.token}
        foreign = httpx.post(
            f"{site.url}/library/{path}", content=b"{}", headers={**token, "origin": "https://evil.example"}
        )
        assert foreign.status_code == 403
        assert httpx.get(f"{site.url}/library/{path}", headers=token).status_code in (404, 405)
    assert list_documents(library.index_dir).generation == before
    assert Rights(local=True).token != Rights(local=True).token


def test_readers_may_look_and_only_the_admin_may_change(library: Library, tmp_path: Path) -> None:
    (tmp_path / "users").write_text(f"admin:{hash_password('one')}\nnoor:{hash_password('two')}\n", "utf-8")
    closed = Library(library.index_dir, Rights(local=False))
    with chat_site(library=closed, users=read_users(tmp_path / "users"), host="0.0.0.0") as site:

        def as_user(name: str, password: str) -> dict[str, str]:
            return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}

        assert httpx.get(f"{site.url}/library/documents").status_code == 401
        noor, admin = as_user("noor", "two"), as_user("admin", "one")
        assert httpx.get(f"{site.url}/library/documents", headers=noor).json()["total"] == 2
        state = httpx.get(f"{site.url}/library/state", headers=noor).json()
        assert state["admin"] is False and "token" not in state and "problem" not in state["build"]
        token = {"x-babelquote-token": closed.rights.token}
        assert httpx.post(f"{site.url}/library/update", content=b"{}", headers={**noor, **token}).status_code == 403
        assert httpx.post(f"{site.url}/library/add", json={"place": "/"}, headers={**admin, **token}).status_code == 403
        assert httpx.post(f"{site.url}/library/update", content=b"{}", headers={**admin, **token}).status_code == 202
        while closed.builds.state.running:
            time.sleep(0.02)


def test_rights() -> None:
    assert Rights(local=True).may(None) and not Rights(local=True, admin=False).may("admin")
    assert (
        Rights(local=False).may("admin") and not Rights(local=False).may("noor") and not Rights(local=False).may(None)
    )


def test_one_build_at_a_time_and_its_end_is_reported(tmp_path: Path) -> None:
    gate, calls = threading.Event(), []

    def slow(**settings: object) -> object:
        calls.append(settings)
        settings["progress"](index.Progress("embedding", 3, 10, "a.txt"))  # type: ignore[operator]
        gate.wait(20)
        raise (IndexBusyError("another") if len(calls) == 1 else StoreError("disk full"))

    builds = Builds(tmp_path, slow)  # type: ignore[arg-type]
    assert builds.start()
    wait_for(lambda: builds.state.done == 3)
    assert (builds.state.stage, builds.state.total) == ("embedding", 10)
    assert not builds.start()
    assert builds.start(queue=True)  # an upload in the middle of a build gets a build of its own
    gate.set()
    wait_for(lambda: not builds.state.running)
    assert len(calls) == 2
    assert (builds.state.problem, builds.state.number) == ("disk full", 2)


def test_a_bug_in_a_build_is_no_end_of_builds(tmp_path: Path) -> None:
    def broken(**_: object) -> object:
        raise ZeroDivisionError("secret")

    builds = Builds(tmp_path, broken)  # type: ignore[arg-type]
    for number in (1, 2):
        assert builds.start()
        wait_for(lambda: not builds.state.running)
        assert builds.state.number == number
        assert "secret" not in builds.state.problem


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
