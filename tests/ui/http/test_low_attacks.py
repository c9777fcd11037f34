"""Smaller attacks, each with the kind that it belongs to."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import index
from index.disk import files
from index.errors import IndexMissingError, SourceError
from index.sources.discovery import discover
from index.sources.reading import read
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadResult, SourceFile
from index.sources.web.addresses import shown_address
from tests.conftest import ROOT
from tests.harness.index_helpers import build
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import chat_site
from tests.ui.http.test_stalled import taking_bodies
from tests.ui.service.test_feedback import Feedback
from ui.http.sign_in.login import Login, Users, hash_password
from ui.service.library.library import Library, Rights
from ui.service.library.uploads import Uploads
from ui.service.watching.feedback import FloodError, export
from ui.view.cards import turn_of
from ui.view.records import turn_from_json, turn_to_json


def only(folder: Path) -> ReadResult | SourceError:
    ((_, result),) = read_many(discover([folder]).files)
    return result


BLANKS = [
    " \n\t",
    "\u00a0\u2003",
    "\u200b\u200c\u200d",
    "\ufeff",
    "\u3000\u2800",
    "\u3164\u115f\uffa0",
    "\u00ad\ufe0f",
    "\u2060",
]


@pytest.mark.parametrize("text", partly_slow(BLANKS, now=4))
def test_a_file_of_nothing_that_can_be_seen_holds_no_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text * 50, encoding="utf-8")
    result = only(tmp_path)
    assert isinstance(result, SourceError) and "no text" in result.reason


@pytest.mark.slow
def test_what_can_be_seen_is_text(tmp_path: Path) -> None:
    for text in ("a", "…", "👩‍🚀", "ك", "1"):
        (tmp_path / "a.txt").write_text(text, encoding="utf-8")
        assert isinstance(only(tmp_path), ReadResult), text


@pytest.mark.parametrize("head", partly_slow(["<?xml version='1.0'?>\n", "", "<!-- made by a program -->\n"]))
def test_programs_and_styles_in_a_drawing_are_no_text(tmp_path: Path, head: str) -> None:
    (tmp_path / "a.svg").write_text(
        f"{head}<svg xmlns='http://www.w3.org/2000/svg'><script>secret()</script><style>.b{{}}</style>"
        "<text>The harbour <a href='#'>opened<script>secret()</script></a> in 1911.</text>"
        "<script><![CDATA[secret()]]></script></svg>"
    )
    result = only(tmp_path)
    assert isinstance(result, ReadResult)
    assert " ".join(result.documents[0].text.split()) == "The harbour opened in 1911."


@pytest.mark.parametrize("suffix", partly_slow(["docx", "xlsx", "pptx", "odt", "epub"]))
def test_an_archive_with_two_entries_of_one_name_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    names = {
        "docx": "word/document.xml",
        "xlsx": "xl/workbook.xml",
        "pptx": "ppt/presentation.xml",
        "odt": "content.xml",
    }
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning):
        for text in ("one", "two"):
            archive.writestr(names.get(suffix, "META-INF/container.xml"), f"<a>{text}</a>")
            archive.writestr(
                "mimetype", "application/epub+zip" if suffix == "epub" else "application/vnd.oasis.opendocument.text"
            )
    result = only(tmp_path)
    assert isinstance(result, SourceError) and "two entries" in result.reason


def seconds_of(reading: Callable[[SourceFile], object], folder: Path, count: int) -> float:
    """Return the processor time of reading a page of so many elements with an attribute of 400 characters each."""
    path = folder / "a.html"
    elements = (f"<b {'x' * 40}{n}='{'y<' * 200}'>a</b>" for n in range(count))
    path.write_text("<p>The harbour opened.</p>" + "".join(elements))
    begun = time.process_time()
    reading(SourceFile(path, "a.html", path.stat().st_size, 0, folder))
    return time.process_time() - begun


def is_steep(reading: Callable[[SourceFile], object], folder: Path) -> bool:
    """Tell whether eight times as many take far more than eight times as long; the square of it would be 64."""
    seconds_of(reading, folder, 10)
    few = max(min(seconds_of(reading, folder, 200) for _ in range(3)), 0.01)
    return min(seconds_of(reading, folder, 1_600) for _ in range(3)) > 26 * few


def test_huge_attributes_cost_time_in_proportion(tmp_path: Path) -> None:
    assert not is_steep(read, tmp_path)


@pytest.mark.slow
def test_a_reader_that_looks_at_all_again_for_each_element_is_caught(tmp_path: Path) -> None:
    def naive(file: SourceFile) -> str:
        text = file.path.read_text()
        while (start := text.casefold().lower().find("<b ")) >= 0:
            text = text[:start] + text[text.index(">", start) + 1 :]
        return text

    assert is_steep(naive, tmp_path)


ADDRESSES = {
    "http://user:password@example.org/a": "http://example.org/a",
    "http://token@example.org": "http://example.org",
    "https://user:pass/password@example.org/a": "https://example.org/a",
    "https://user:pass#password@example.org": "https://example.org",
    "https://user:pass?password@example.org": "https://example.org",
    "https:///user:password@example.org/a": "https://example.org/a",
    "http://example.org:8080/@user": "http://example.org:8080/@user",
    "https://a@b@example.org/x?y=@z": "https://example.org/x?y=@z",
    "https://example.org/a\r\nSet-Cookie: b": "https://example.org/aSet-Cookie:b",
    "https://example.org/\u202eb\x1b[0m": "https://example.org/b[0m",
    "https://example.org/@user": "https://example.org/@user",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_password_and_no_line_end_of_an_address_is_shown_or_kept(
    address: str, folder: Path, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown_address(address) == ADDRESSES[address] and shown_address(ADDRESSES[address]) == ADDRESSES[address]
    if shown_address(address) == address:
        return
    with pytest.raises(SourceError) as refused:
        index.build([texts, address], index_dir=folder, embedder="hashing")
    assert (
        "password@" not in str(refused.value) and "\n" not in str(refused.value) and "token@" not in str(refused.value)
    )
    assert not any(b"password@" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("read_in_this_process")
def test_names_that_look_alike_in_other_code_points_settle(folder: Path, tmp_path: Path) -> None:
    texts = tmp_path / "twins"
    texts.mkdir()
    for form, year in (("NFC", 1911), ("NFD", 1922)):
        (texts / unicodedata.normalize(form, "caf\u00e9.md")).write_text(f"The harbour opened in {year}.")
    if len(list(texts.iterdir())) < 2:
        pytest.skip("needs a file system that keeps both names")
    assert len(build(folder, texts).added) == 2
    again = build(folder, texts)
    assert len(again.unchanged) == 2 and not (again.changed or again.added or again.renamed or again.removed)
    with index.open(folder) as opened:
        found = [opened.store.document(name) for name in opened.store.document_ids()]
    assert len({document.source for document in found}) == 2
    assert {document.text[-5:-1] for document in found} == {"1911", "1922"}


def posted(url: str, body: object) -> int:
    """Send what JSON libraries of clients may refuse to write: halves of characters, numbers that are none."""
    content = json.dumps(body).encode("ascii")
    return httpx.post(url, content=content, headers={"content-type": "application/json"}).status_code


@pytest.mark.slow
def test_an_event_that_the_page_does_not_know_is_refused_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    good: dict[str, Any] = {"fn_index": 0, "data": ["Who?", "[]", "r", "en", "", "", ""], "session_hash": "s"}
    bad: list[object] = [
        {**good, "fn_index": 999}, {**good, "fn_index": -1}, {**good, "fn_index": "0"}, {**good, "fn_index": True},
        {**good, "data": []}, {**good, "data": {}}, {**good, "data": None}, {**good, "session_hash": None}, [], None, 7,
        {**good, "session_hash": ""}, {**good, "session_hash": "\ud800"}, {**good, "session_hash": "s" * 65},
        {**good, "fn_index": 10**40}, {**good, "data": [["Who?"], *good["data"][1:]]},
        {**good, "data": [float("nan"), *good["data"][1:]]},
    ]  # fmt: skip
    ended = {"session_hash": "s", "fn_index": 0, "event_id": "e"}
    never = [{}, {**ended, "event_id": None}, {**ended, "event_id": "\ud800"}, {**ended, "fn_index": float("nan")}, []]
    with chat_site() as site:
        for event in bad:
            assert posted(f"{site.url}/gradio_api/queue/join", event) == 422, event
        for event in never:
            assert posted(f"{site.url}/gradio_api/cancel", event) == 422, event
        assert httpx.post(f"{site.url}/gradio_api/queue/join", content=b"[" * 50_000).status_code == 422
        # What an honest page never says in an event is not passed on; half a character in its words is.
        more = {"trigger_id": "\ud800", "event_data": {"a": ["\ud800"]}, "oauth_token": 7, "batched": "x"}
        assert posted(f"{site.url}/gradio_api/queue/join", {**good, **more}) == 200
        assert posted(f"{site.url}/gradio_api/cancel", ended) == 200
        assert posted(f"{site.url}/gradio_api/queue/join", good) == 200
        assert not [one for one in caplog.records if one.exc_info]


@pytest.mark.usefixtures("read_in_this_process")
def test_a_removed_index_is_said_and_not_answered_from(folder: Path, texts: Path) -> None:
    build(folder, texts)
    live = index.LiveIndex(folder)
    with live.reading() as opened:
        assert len(opened.store)
    files.remove_tree(folder)
    with pytest.raises(IndexMissingError, match="was removed"), live.reading():
        pass
    build(folder, texts)
    with live.reading() as opened:
        assert len(opened.store)


def test_nothing_is_left_of_a_switch_that_a_full_disk_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "CURRENT").write_bytes(b"old")

    def full(descriptor: int, data: memoryview) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(OSError, match="space"):
        files.write_atomic(tmp_path / "CURRENT", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["CURRENT"] and (tmp_path / "CURRENT").read_bytes() == b"old"


def record(turn: str = "t1") -> str:
    return turn_to_json(turn_of(FakeAssistant().answer("Who heads the AOI?"), turn, 0.1))


DEEP = "[" * 100_000


def test_deep_json_is_refused_and_not_an_error() -> None:
    with pytest.raises(ValueError, match=r"nested|valid"):
        turn_from_json(record().replace('"receipt":null', f'"receipt":{DEEP}'))


def test_one_visitor_can_not_flood_the_judgements_nor_overwrite_anothers(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    feedback.add(record(), "good", "", "noor")
    feedback.add(record(), "bad", "wrong", "mallory")
    assert [line["rating"] for line in export(tmp_path)] == ["good"]
    feedback.add(record(), "bad", "wrong", "noor")
    assert [line["rating"] for line in export(tmp_path)] == ["bad"]
    with pytest.raises(FloodError):
        for _ in range(200):
            feedback.add(record("t2"), "bad", "", "mallory")
    feedback.add(record("t3"), "good", "", "noor")
    assert (
        "noor" not in (tmp_path / "feedback.jsonl").read_text()
        and "mallory" not in (tmp_path / "feedback.jsonl").read_text()
    )


@pytest.fixture
def built(folder: Path, texts: Path) -> Path:
    build(folder, texts)
    return folder


PLAIN = {"content-type": "text/plain"}
# Every route that takes a body, but for those of files, without one, and of others' libraries.
OTHER_BODIES = {"/library/upload", "/mcp", "/gradio_api/queue/join"}


def test_plain_text_is_no_json_anywhere(built: Path) -> None:
    library = Library(built, Rights(local=True))
    routes = sorted(path for path in {*taking_bodies()} - OTHER_BODIES if "{" not in path)
    with chat_site(library=library) as site, httpx.Client(base_url=site.url, timeout=120) as client:
        token = {"x-babelquote-token": client.get("/library/state").json()["token"]}
        for path in routes:
            for kind in (
                "text/plain",
                "text/plain;charset=UTF-8",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
            ):
                got = client.post(path, content=b"{}", headers={"content-type": kind, **token})
                assert got.status_code == 415, (path, kind)
        assert client.post("/mcp", content=b"{}", headers=PLAIN).status_code in (400, 406, 415)
        got = client.post("/chat/feedback", json={"record": DEEP, "rating": "good", "reason": ""})
        assert got.status_code == 422


def test_a_disk_that_takes_no_upload_is_said_in_one_line(
    built: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("ui.service.library.uploads.owned_tree", refused)
    with chat_site(library=Library(built, Rights(local=True))) as site:
        token = {"x-babelquote-token": httpx.get(f"{site.url}/library/state").json()["token"]}
        got = httpx.post(f"{site.url}/library/upload?name=a.txt", content=b"text", headers=token)
    assert got.status_code == 507 and got.json()["error"]
    assert all(not one.exc_info for one in caplog.records)


def test_an_upload_that_was_accepted_is_indexed_after_a_kill(built: Path) -> None:
    started: list[dict[str, Any]] = []

    class Noting:
        def start(self, **named: Any) -> None:
            started.append(named)

    uploads = Uploads(built.parent / "x" / "uploads")
    library = Library(built, Rights(local=True), Noting(), uploads)  # type: ignore[arg-type]
    library.resume()
    assert started == []

    async def blocks() -> Any:
        yield b"The harbour opened in 1911."

    uploads.accept(asyncio.run(uploads.receive("a.txt", blocks())))
    library.resume()  # as the next start does
    assert [named["add"] for named in started] == [[str(uploads.folder)]]


def test_signing_out_clears_the_browser_and_nobody_can_sign_others_out() -> None:
    users = Users({name: hash_password("right") for name in ("noor", "mallory")})
    with chat_site(users=users, host="0.0.0.0") as site, httpx.Client(base_url=site.url) as noor:
        signed = noor.post("/login", data={"user": "noor", "password": "right"})
        assert signed.status_code == 303
        whose = {cookie.split(";")[0] for cookie in signed.headers.get_list("set-cookie") if "whose" in cookie}
        assert (
            len(whose) == 1
            and "noor" not in whose.pop()
            and "httponly" not in signed.headers.get_list("set-cookie")[1].lower()
        )
        out = noor.get("/logout")
        assert '"storage"' in out.headers["clear-site-data"]
    login = Login(None, users)  # type: ignore[arg-type]
    token = login._opened("noor")
    for _ in range(11_000):
        login._opened("mallory")
    assert login._user(token) == "noor" and len(login._sessions) < 100


INTERRUPTED = """
import builtins, sys
real = builtins.__import__
def interrupted(name, *rest, **more):
    if name == "typer":
        raise KeyboardInterrupt  # as Ctrl-C does wherever it falls
    return real(name, *rest, **more)
builtins.__import__ = interrupted
from ui.start import main
main()
"""


def test_ctrl_c_while_modules_are_imported_is_one_line() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 130
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
