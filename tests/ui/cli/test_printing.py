"""Texts on a terminal: colours where they are wanted, lines that fit, and the same words as without one."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.harness.commands import environment, rag
from tests.harness.partly_slow import partly_slow
from ui.terminal.colours import Look, Span, line, look_of, rendered

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
ARABIC = "وصل وزير الدفاع العراقي جمعة عناد سعدون إلى مصر يوم السبت وتعتزم الهيئة توسيع التعاون مع العراق"
CHINESE = "埃及愿意在伊拉克建立完整的生产线。两国部长在开罗会面，双方讨论了装甲车辆（以及弹药）。" * 2
THAI = "แหล่งข้อมูลไม่ได้ตอบคำถามนี้ข้อความที่ใกล้เคียงที่สุดแสดงอยู่ด้านล่างและมีรายละเอียดเพิ่มเติมอีกมาก"
ADDRESS = "https://example.org/a-very-long/path-that/does-not-fit?into=one&line=of-the-terminal"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def rows(text: str, width: int = 30, indent: int = 0) -> list[str]:
    return list(rendered(line(text, indent=indent), Look(width=width)))


@pytest.mark.parametrize("text", [ARABIC, CHINESE, THAI, "words of plain English " * 5, f"see {ADDRESS} there"])
def test_lines_fit_and_lose_nothing(text: str) -> None:
    found = rows(text)
    assert len(found) > 1
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(cell_len(row) <= 30 for row in found if ADDRESS not in row)


def test_no_word_is_broken() -> None:
    assert " ".join(rows(ARABIC)).split() == ARABIC.split()
    assert ADDRESS in rows(f"see {ADDRESS} there")[1]


def test_wide_letters_count_twice_and_no_line_begins_with_a_full_stop() -> None:
    found = rows(CHINESE)
    assert max(map(len, found)) <= 15
    assert not [row for row in found if row[0] in "。，）"]
    assert not [row for row in found if row[-1] == "（"]


def test_what_goes_on_is_moved_in() -> None:
    first, *others = rows("1. " + "word " * 20, indent=3)
    assert first.startswith("1. word")
    assert others and all(row.startswith("   word") for row in others)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))), st.integers(20, 80), st.integers(0, 5))
def test_any_text_keeps_its_letters(text: str, width: int, indent: int) -> None:
    result = line(Span(text[:3], "mark"), text[3:], indent=indent)
    found = list(rendered(result, Look(colours=True, width=width)))
    assert "".join(ESCAPE.sub("", "".join(found)).split()) == "".join(str(result).split())
    assert list(rendered(result, Look())) == [str(result)]


def test_a_part_is_coloured_in_each_line_that_it_stands_in() -> None:
    found = list(rendered(line(Span("word " * 10, "bad"), "end"), Look(colours=True, width=30)))
    assert all(row.startswith("\x1b[1;31m") and row.count("\x1b[0m") == 1 for row in found)


@pytest.mark.parametrize(
    ("variables", "terminal", "colours"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_who_gets_colours(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], terminal: bool, colours: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "50")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    look = look_of(Terminal() if terminal else io.StringIO())
    assert look.colours is colours
    assert look.width == (50 if terminal and variables.get("TERM") != "dumb" else None)


def on_terminal(*arguments: str | Path, cwd: Path, columns: int, **extra: str) -> str:
    """Run a command on a terminal of its own and return what it draws there."""
    fcntl, pty, termios = (pytest.importorskip(name, reason="needs POSIX") for name in ("fcntl", "pty", "termios"))
    import struct
    import subprocess

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {key: value for key, value in environment().items() if key not in ("NO_COLOR", "COLUMNS")}
    command = [sys.executable, "-m", "ui.cli", *map(str, arguments)]
    process = subprocess.Popen(command, cwd=cwd, env=kept | {"TERM": "xterm"} | extra, stdout=theirs, stderr=theirs)
    os.close(theirs)
    drawn = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the last process has left the terminal
            break
        if not piece:
            break
        drawn += piece
    os.close(ours)
    process.wait(60)
    return drawn.decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("printing")
    (folder / "notes.md").write_text(f"# The port of Aral\n\nThe port was built in 1907 by Ali. {ARABIC}.", "utf-8")
    assert rag("index", "notes.md", "--index", "idx", "--embedder", "hashing", cwd=folder).returncode == 0
    return folder


@pytest.mark.slow
def test_on_a_terminal_an_answer_has_colours_and_fits(indexed: Path) -> None:
    asked = ("ask", "When was the port of Aral built?", "--index", "idx")
    drawn = on_terminal(*asked, cwd=indexed, columns=40)
    assert "\x1b[36m[1]\x1b[0m" in drawn
    assert all(cell_len(row) <= 40 for row in ESCAPE.sub("", drawn).splitlines())
    plain = rag(*asked, cwd=indexed).stdout
    assert "".join(ESCAPE.sub("", drawn).split()) == "".join(plain.split())
    assert "\x1b" not in plain
    assert "\x1b" not in on_terminal(*asked, cwd=indexed, columns=40, NO_COLOR="1")
    dumb = on_terminal(*asked, cwd=indexed, columns=40, TERM="dumb")
    assert dumb == plain


@pytest.mark.parametrize("command", partly_slow(["search port", "ask When?", "status"]))
def test_json_is_untouched(indexed: Path, command: str) -> None:
    import json

    drawn = on_terminal(*command.split(), "--json", "--index", "idx", cwd=indexed, columns=30, FORCE_COLOR="1")
    assert "\x1b" not in drawn
    assert json.loads(drawn)


def test_colours_can_be_forced_into_a_pipe_but_lines_stay_whole(indexed: Path) -> None:
    extra = {"NO_COLOR": "", "FORCE_COLOR": "1", "COLUMNS": "30"}
    found = rag("search", "port", "--index", "idx", cwd=indexed, **extra).stdout
    assert "\x1b[1mThe port of Aral\x1b[0m" in found
    assert ESCAPE.sub("", found) == rag("search", "port", "--index", "idx", cwd=indexed).stdout
