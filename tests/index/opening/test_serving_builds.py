"""People ask over HTTP while the index is rebuilt again and again: each answer is right and of one generation."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.index.opening.test_serving import ROOT, posix


def expect_right_answers_through_builds(*options: str) -> None:
    """Twenty ask over HTTP; their times are printed by the same command, here only what they are told counts."""
    command = [sys.executable, "-m", "benchmarks.serving", "--embedder", "hashing", "--files", "300", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["failed"], found["mixed"]) == (0, 0), found
    assert found["questions_building"] > 100, found
    assert found["generations"] >= 4, found


@posix
@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("by", ["command", "page"])
def test_twenty_people_ask_through_five_rebuilds(by: str) -> None:
    expect_right_answers_through_builds("--by", by)


@posix
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_four_processes_ask_through_five_rebuilds() -> None:
    expect_right_answers_through_builds("--processes", "--clients", "4")
