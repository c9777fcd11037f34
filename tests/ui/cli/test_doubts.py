"""What was read with a doubt (lines left out, an encoding guessed) is told in the terminal, the status and on the page.

For each way stands a careless version that tells nothing there, and the tests catch it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import index
from index.disk.ledger import Ledger
from tests.harness.crash_harness import read_here
from ui.cli.commands import indexing
from ui.page.library_routes import library_routes
from ui.service.library import library as service
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

DOUBTS = {"old.txt": "encoding is not stated", "rows.jsonl": "2 lines are no valid JSON"}
Telling = Callable[[Path, Path, pytest.CaptureFixture[str]], None]


@pytest.fixture(autouse=True)
def doubtful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two files that can be read only with a doubt; read in this process, which is quicker."""
    monkeypatch.setattr("index.building.build.read_many", read_here)
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "old.txt").write_bytes("Der Müller heißt Jürgen und wohnt in Köln.".encode("latin-1"))
    rows = [json.dumps({"title": "A", "text": f"Tree number {number}."}) for number in range(3)]
    (folder / "rows.jsonl").write_text("\n".join([*rows, "{broken", "{broken"]), "utf-8")
    return folder


def _told(text: str) -> None:
    for name, doubt in DOUBTS.items():
        assert name in text and doubt in text, text


def the_terminal_tells(folder: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = index.build([folder], index_dir=kept, embedder="hashing")
    indexing.show(indexing.report_lines(report))
    _told(" ".join(capsys.readouterr().out.split()))


def the_status_tells(folder: Path, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index.build([folder], index_dir=kept, embedder="hashing")
    index.build(index_dir=kept)  # also after an update that reads nothing
    assert indexing.status(kept, as_json_wanted=False) == 0
    _told(" ".join(capsys.readouterr().out.split()))
    indexing.status(kept, as_json_wanted=True)
    _told(capsys.readouterr().out)


def _page(folder: Path, kept: Path) -> tuple[Any, Any]:
    """Return what the page gets of a build that it started, and of the list."""
    builds = Builds(kept, build=lambda **options: index.build([folder], **{**options, "embedder": "hashing"}))
    library = Library(kept, Rights(local=True), builds)
    builds.start()
    while builds.state.running:
        time.sleep(0.01)
    client = TestClient(Starlette(routes=library_routes(library)))
    return client.get("/library/state?since=0").json(), client.get("/library/documents").json()


def the_page_reports(folder: Path, kept: Path, _: pytest.CaptureFixture[str]) -> None:
    state, _listed = _page(folder, kept)
    _told(" ".join(state["build"]["report"]["warnings"]))


def the_page_lists(folder: Path, kept: Path, _: pytest.CaptureFixture[str]) -> None:
    _state, listed = _page(folder, kept)
    rows = {row["source"].rpartition("/")[2].partition("#")[0]: row for row in listed["documents"]}
    for name, doubt in DOUBTS.items():
        assert doubt in " ".join(rows[name].get("warnings") or ())
        assert doubt in (rows[name].get("reason") or "")  # without it the page shows nothing on the row


WAYS: dict[str, Telling] = {
    "terminal": the_terminal_tells,
    "status": the_status_tells,
    "report on the page": the_page_reports,
    "list on the page": the_page_lists,
}


@pytest.mark.parametrize("way", WAYS)
def test_doubts_are_reported(way: str, doubtful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    WAYS[way](doubtful, tmp_path / "index", capsys)


def _silent_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    some = indexing._some
    silent = lambda head, texts, more, style: [] if style == "doubt" else some(head, texts, more, style)  # noqa: E731
    monkeypatch.setattr(indexing, "_some", silent)


def _forgetful_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "warned", property(lambda _: ()))


def _silent_report(monkeypatch: pytest.MonkeyPatch) -> None:
    since = Builds.since

    def naive(self: Builds, number: int) -> Any:
        state = since(self, number)
        return replace(state, report=replace(state.report, warnings=())) if state.report else state

    monkeypatch.setattr(Builds, "since", naive)


def _silent_list(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = tuple(name for name in service._SHOWN_FIELDS if name != "warnings")
    monkeypatch.setattr(service, "_SHOWN_FIELDS", shown)


CARELESS = {
    "terminal": _silent_terminal,
    "status": _forgetful_ledger,
    "report on the page": _silent_report,
    "list on the page": _silent_list,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_that_tells_nothing_is_caught(
    way: str, doubtful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    CARELESS[way](monkeypatch)
    with pytest.raises(AssertionError):
        WAYS[way](doubtful, tmp_path / "index", capsys)
