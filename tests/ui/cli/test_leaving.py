"""A program that is done ends at once, but not before what was left to be done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
_BEGIN = """
import atexit, sys, threading, time
from ui.terminal.leaving import leave
class Held:
    def __del__(self): print("taken down", flush=True)
held = Held()
held.itself = held
"""


def ended(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _BEGIN + code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_nothing_is_taken_down_and_all_is_written() -> None:
    done = ended("atexit.register(print, 'registered')\nsys.stdout.write('said ')\nleave(3)")
    assert (done.returncode, done.stdout, done.stderr) == (3, "said registered\n", "")
    assert "taken down" in ended("sys.exit(3)").stdout, "the test sees no difference"


@pytest.mark.parametrize("code", ["None", "0", "True"])
def test_codes_are_those_of_the_ordinary_end(code: str) -> None:
    assert ended(f"leave({code})").returncode == ended(f"sys.exit({code})").returncode


def test_a_message_is_shown_as_ever() -> None:
    done = ended("leave('broken')")
    assert (done.returncode, done.stderr) == (1, "broken\n")


def test_a_thread_that_is_at_work_is_waited_for() -> None:
    work = "def work():\n    time.sleep(0.3)\n    print('worked')\nthreading.Thread(target=work).start()\nleave(0)"
    assert "worked" in ended(work).stdout


def test_a_pipe_whose_reader_left_is_told_as_ever() -> None:
    code = f"{_BEGIN}sys.stdout.write('x')\nimport os\nos.close(1)\nleave(0)"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=buffered, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 120
    assert "Bad file descriptor" in done.stderr
