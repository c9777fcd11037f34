"""The tutorial and the how-tos are true: each command runs, in order, and prints what the page says it printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT, SEEDS
from tests.harness.postgres_server import fresh_schema
from tests.harness.ui_server import free_port

PAGE = ROOT / "docs" / "tutorial.md"
HOW_TOS = {"own-model": "", "ocr": "tesseract", "places": "wsgidav", "agents": "curl", "sign-in": "", "api": "curl"}
"""Pages, and the program that each needs."""
PORT = re.compile(r"(127\.0\.0\.1:|--port )\d{4}\b")
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path = PAGE) -> list[tuple[str, str, str]]:
    """Return language, mark and content of each block of the page."""
    return [(kind, mark.strip(), content) for kind, mark, content in BLOCK.findall(page.read_text("utf-8"))]


def test_every_block_is_one_that_the_test_knows() -> None:
    assert {(kind, mark) for kind, mark, _ in blocks()} == {
        ("sh", ""), ("sh", "no-test"), ("sh", "background"), ("text", ""), ("python", ""),
    }  # fmt: skip
    assert next(content for _, mark, content in blocks() if mark == "no-test").count("\n") == 3  # what installs


@pytest.mark.slow
def test_every_command_of_the_tutorial_prints_what_the_page_shows(tmp_path: Path) -> None:
    run_page(PAGE, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", HOW_TOS)
def test_every_command_of_a_how_to_prints_what_the_page_shows(name: str, tmp_path: Path) -> None:
    needed, bin_here = HOW_TOS[name], os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    if needed and shutil.which(needed, path=bin_here) is None:
        pytest.skip(f"needs {needed}")
    run_page(ROOT / "docs" / f"{name}.md", tmp_path)


@pytest.mark.slow
def test_every_command_on_an_index_in_postgresql_prints_what_the_page_shows(tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "articles")
    shards = {f"postgresql://db{number}/library": fresh_schema() for number in (1, 2)}
    named = {"~/articles": str(tmp_path / "articles"), "postgresql://me@db.example/library": fresh_schema()}
    run_page(ROOT / "docs" / "postgres.md", tmp_path, named | shards)


def run_page(page: Path, tmp_path: Path, named: Mapping[str, str] | None = None) -> None:
    """Run a page's commands in an empty folder.

    The port of the page is a free one here, so that pages and other programs don't meet.

    Args:
        page: of the documentation.
        tmp_path: where to work.
        named: what stands on the page for a reader's own things, and what is there instead.
    """
    port = str(free_port())
    launcher = tmp_path / "bin" / "rag"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ui.cli "$@"\n')
    launcher.chmod(0o755)
    (tmp_path / "work").mkdir()
    path = os.pathsep.join([str(launcher.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    python = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    around = {**os.environ, "PATH": path, "PYTHONPATH": python, "RAG_CONFIG": "", "RAG_PORT": port}
    servers: list[subprocess.Popen[str]] = []
    printed = ""
    try:
        for kind, mark, written in blocks(page):
            content = PORT.sub(rf"\g<1>{port}", written)
            for name, there in (named or {}).items():
                content = content.replace(name, there)
            if kind == "text":
                for line in content.splitlines():
                    assert " ".join(line.split()) in " ".join(printed.split()), f"{line!r} is not in {printed!r}"
            elif mark == "background":
                command = ["sh", "-c", f"exec {content}"]
                servers.append(subprocess.Popen(command, cwd=tmp_path / "work", env=around, text=True))
                wait_for(f"http://127.0.0.1:{port}/")
            elif mark != "no-test" and kind in ("sh", "python"):
                command = ["sh", "-c", content] if kind == "sh" else [sys.executable, "-c", content]
                done = subprocess.run(
                    command, cwd=tmp_path / "work", env=around, capture_output=True, text=True, timeout=200
                )
                printed = done.stdout + done.stderr
                assert done.returncode == (1 if "rag doctor" in content else 0), printed
    finally:
        for server in servers:
            server.terminate()
            server.wait(30)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        try:
            if httpx.get(address, timeout=10).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise AssertionError("the server did not start")
