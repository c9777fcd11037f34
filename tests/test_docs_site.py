"""The site of the documentation: every page is in its contents, every link leads to one, the reference is whole."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

import babelquote
from tools import docs_site
from ui.cli import app
from ui.cli.settings import KEYS

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    docs_site.write(folder)
    return folder


def test_every_page_is_in_the_contents_and_every_link_leads_somewhere(folder: Path) -> None:
    listed = [page for pages in docs_site.NAV.values() for page in pages]
    assert sorted(listed) == sorted(path.name for path in (folder / "docs").glob("*.md"))
    assert tomllib.loads((folder / "zensical.toml").read_text("utf-8"))["project"]["nav"][0] == {
        "Start": ["index.md", "tutorial.md"]
    }
    for path in (folder / "docs").glob("*.md"):
        text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in LINK.findall(text):
            assert "://" in target or (folder / "docs" / target).is_file(), f"{path.name}: {target}"


def test_the_reference_names_all_there_is(folder: Path) -> None:
    pages = {path.name: path.read_text("utf-8") for path in (folder / "docs").glob("*.md")}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"## rag {name}\n" in pages["command-line.md"]
        for one in command.params:
            assert getattr(one, "hidden", False) or f"`{one.opts[0]}`" in pages["command-line.md"] or one.name
    assert all(f"`{key}`" in pages["settings.md"] for key in KEYS)
    assert all(f"## {name}\n" in pages["python.md"] for name in ("Answer", "Assistant", "answer", "build", "back_up"))
    assert "### Assistant.retrieve" in pages["python.md"] and len(babelquote.__all__) > 40
    assert "`POST /api/answer`" in pages["http.md"] and "## Citation" in pages["http.md"]


def test_a_link_that_leads_nowhere_is_caught() -> None:
    assert LINK.findall("see [it](gone.md#part) and [that](x.png)") == ["gone.md", "x.png"]


@pytest.mark.slow
def test_the_site_builds_and_loads_nothing_from_elsewhere(folder: Path) -> None:
    program = shutil.which("zensical", path=str(Path(sys.executable).parent)) or shutil.which("zensical")
    if program is None:
        pytest.skip("zensical is not installed here: pip install --group docs")
    done = subprocess.run([program, "build"], cwd=folder, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (folder / "site" / "tutorial" / "index.html").read_text("utf-8")
    assert "Ten minutes with Babelquote" in page
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://[^"]+\.(?:js|css|woff2?|png)', page)
