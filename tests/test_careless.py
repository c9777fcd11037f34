"""What a careless version of the product would do is caught by the tests: each guard taken away, one of them fails.

Careless renderers, readers, servers, writers and receipts stand beside their own tests; here are the small guards.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index.building.inputs import changes
from index.disk import files, private, scratch
from index.opening.live import LiveFolder
from index.sources import discovery
from rag.types import Turn
from tests import test_installing
from tests.conftest import ROOT
from tests.harness.crash_harness import read_here
from tests.harness.index_helpers import build
from tests.index.building import test_changes
from tests.index.disk import test_private
from tests.index.sources.sandbox import test_sources_confined
from tests.ui.http import test_busy, test_low_attacks
from ui.http import fair_queue
from ui.http.events import Events
from ui.http.sign_in import login, signed_in
from ui.service.library.library import Library
from ui.service.watching.feedback import Feedback

CAUGHT = (AssertionError, pytest.fail.Exception)
# Blanks that `str.strip` leaves; the mark of byte order is cut off before.
SEEN_BY_STRIP = [one for one in test_low_attacks.BLANKS if one.strip().strip("\ufeff")]


def test_every_turn_of_a_history_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def whole(history: Sequence[Any]) -> tuple[Turn, ...]:
        return tuple(turn if isinstance(turn, Turn) else Turn(*turn) for turn in history)

    monkeypatch.setattr("ui.api.answers.recent", whole)
    with pytest.raises(CAUGHT):
        test_busy.test_a_huge_history_costs_no_time("/api/answer")


@pytest.mark.usefixtures("read_in_this_process")
def test_a_file_is_known_by_size_and_time(texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def naive(file: Any, record: Any, _: int) -> bool:
        return bool((file.size, file.mtime_ns) == (record.size, record.mtime_ns))

    monkeypatch.setattr(changes, "_looks_unchanged", naive)
    with pytest.raises(CAUGHT):
        test_changes.test_the_same_size_and_a_restored_time_hide_no_change(test_changes._replaced, texts, folder)


def test_modes_of_an_older_index_stay(texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "_close", lambda _: None)
    with pytest.raises(CAUGHT):
        test_private.test_an_index_from_before_is_tightened(texts, tmp_path)


def test_a_half_written_switch_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def naive(path: Path, data: bytes) -> None:
        fresh = path.with_name(path.name + ".new")
        files.write_file(fresh, data)
        files.replace(fresh, path)

    monkeypatch.setattr(files, "write_atomic", naive)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_nothing_is_left_of_a_switch_that_a_full_disk_stopped(tmp_path, monkeypatch)


def test_judgements_are_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Feedback, "_admit", lambda *_: None)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_one_visitor_can_not_flood_the_judgements_nor_overwrite_anothers(tmp_path)


def test_an_accepted_upload_is_forgotten(texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(folder, texts)
    monkeypatch.setattr(Library, "resume", lambda _: None)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_an_upload_that_was_accepted_is_indexed_after_a_kill(folder)


def test_a_package_is_not_pinned_by_its_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("constraints.txt", "hashes.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    with (tmp_path / "constraints.txt").open("a", encoding="utf-8") as pins:
        pins.write("left-pad==1.0.0\n")
    monkeypatch.setattr("tests.test_installing.ROOT", tmp_path)
    with pytest.raises(CAUGHT):
        test_installing.test_every_pin_has_its_digests_and_no_other_has()


def test_ctrl_c_is_heard_only_after_everything_is_imported() -> None:
    naive = test_low_attacks.INTERRUPTED.replace("from ui.start import main", "from ui.cli import main")
    done = subprocess.run([sys.executable, "-c", naive], capture_output=True, text=True, cwd=ROOT)
    assert "Traceback" in done.stderr  # what the careful start never shows


@pytest.fixture
def read_by_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests of small attacks read files in this process, where a guard can be taken away."""
    monkeypatch.setattr(test_low_attacks, "read_many", read_here)


@pytest.mark.usefixtures("read_by_the_tests")
@pytest.mark.parametrize("text", SEEN_BY_STRIP)
def test_what_cannot_be_seen_is_text(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sources.reading._says_something", lambda text: bool(text.strip()))
    with pytest.raises(CAUGHT):
        test_low_attacks.test_a_file_of_nothing_that_can_be_seen_holds_no_text(tmp_path, text)


@pytest.mark.usefixtures("read_by_the_tests")
def test_a_program_in_a_drawing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sources.formats.records.xmldata._UNSHOWN", frozenset())
    with pytest.raises(CAUGHT):
        test_low_attacks.test_programs_and_styles_in_a_drawing_are_no_text(tmp_path, "")


@pytest.mark.usefixtures("read_by_the_tests")
def test_the_last_of_two_entries_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sources.office.archive.frozenset", tuple, raising=False)  # as many names as entries
    with pytest.raises(CAUGHT):
        test_low_attacks.test_an_archive_with_two_entries_of_one_name_is_refused(tmp_path, "docx")


def test_any_body_is_read_as_json(texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def naive(request: Any) -> bytes:
        return bytes(await request.body())

    build(folder, texts)
    monkeypatch.setattr("ui.api.endpoints.json_of", naive)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_plain_text_is_no_json_anywhere(folder)


def test_sessions_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.http.sign_in.signed_in._MOST_SESSIONS_EACH", 100_000)
    monkeypatch.setattr("ui.http.sign_in.signed_in._MOST_SESSIONS", 90)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_signing_out_clears_the_browser_and_nobody_can_sign_others_out()


@pytest.mark.usefixtures("read_in_this_process")
def test_names_alike_are_one_source(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_numbered", lambda files: files)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_names_that_look_alike_in_other_code_points_settle(folder, tmp_path)


def test_an_index_that_was_there_is_there(texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = LiveFolder._looks
    last: list[tuple[int, int, int] | None] = [None]

    def naive(self: LiveFolder) -> tuple[int, int, int] | None:
        last[0] = looks(self) or last[0]
        return last[0]

    monkeypatch.setattr(LiveFolder, "_looks", naive)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_a_removed_index_is_said_and_not_answered_from(folder, texts)


def test_any_event_is_passed_on(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Events, "_joined", lambda _, event: {**event})
    with pytest.raises(CAUGHT):
        test_low_attacks.test_an_event_that_the_page_does_not_know_is_refused_in_one_line(caplog)


def test_json_may_be_nested_as_deeply_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.view.records.RecursionError", ZeroDivisionError, raising=False)
    with pytest.raises(RecursionError):
        test_low_attacks.test_deep_json_is_refused_and_not_an_error()


def test_a_later_judgement_takes_the_place_of_anothers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add = Feedback.add
    monkeypatch.setattr(Feedback, "add", lambda self, record, rating, reason, _: add(self, record, rating, reason))
    with pytest.raises(CAUGHT):
        test_low_attacks.test_one_visitor_can_not_flood_the_judgements_nor_overwrite_anothers(tmp_path)


def test_signing_out_leaves_what_the_browser_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = login.answer

    async def naive(send: Any, status: int, page: str, *headers: tuple[bytes, bytes]) -> None:
        await answer(send, status, page, *(one for one in headers if one[0] != b"clear-site-data"))

    monkeypatch.setattr(login, "answer", naive)
    with pytest.raises(KeyError, match="clear-site-data"):
        test_low_attacks.test_signing_out_clears_the_browser_and_nobody_can_sign_others_out()


def test_a_browser_is_not_told_who_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_in, "_WHOSE", "babelquote")
    with pytest.raises(CAUGHT):
        test_low_attacks.test_signing_out_clears_the_browser_and_nobody_can_sign_others_out()


def test_an_upload_to_a_full_disk_is_an_error(
    texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    build(folder, texts)
    monkeypatch.setattr("ui.page.library_routes.OSError", ZeroDivisionError, raising=False)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_a_disk_that_takes_no_upload_is_said_in_one_line(folder, monkeypatch, caplog)


def test_questions_are_answered_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    push, pop = fair_queue._Turns.push, fair_queue._Turns.remove
    monkeypatch.setattr(fair_queue._Turns, "push", lambda self, _, item: push(self, (), item))
    monkeypatch.setattr(fair_queue._Turns, "remove", lambda self, _, item: pop(self, (), item))
    with pytest.raises(CAUGHT):
        test_busy.test_visitors_take_turns()


def test_work_for_who_has_gone_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.llms.calls.callers.Caller.leave", lambda _: None)
    with pytest.raises(CAUGHT):
        test_busy.test_nothing_is_done_for_a_client_that_has_gone()


def test_a_folder_of_a_killed_server_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "sweep", lambda: None)
    with pytest.raises(CAUGHT):
        test_private.test_temporary_folders_go_at_the_end_and_after_a_kill(tmp_path, monkeypatch)
    scratch.remove_scratch()


@pytest.mark.parametrize(
    "address", ["https://user:pass/password@example.org/a", "https://example.org/a\r\nSet-Cookie: b"]
)
def test_an_address_is_shown_as_it_was_given(
    address: str, texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_low_attacks, "shown_address", str)
    with pytest.raises(CAUGHT):
        test_low_attacks.test_no_password_and_no_line_end_of_an_address_is_shown_or_kept(
            address, folder, texts, monkeypatch
        )


def test_the_whole_environment_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_sources_confined.sandbox, "_environment", lambda: dict(os.environ))
    with pytest.raises(CAUGHT):
        test_sources_confined.test_only_what_is_needed_of_the_environment_goes_along(monkeypatch)
