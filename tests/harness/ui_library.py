"""A library over a copy of an index that a module has built once (its fixture `built`), and the page over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import index
from rag import Assistant
from tests.harness.ui_server import Site, chat_site
from ui.service.library.library import Library, Rights


def build_here(paths: Any = None, *, index_dir: Any, **options: Any) -> index.BuildReport:
    """Do what `index.background.build_behind` does, without the second that its child process takes to start."""
    return index.build(paths, index_dir=index_dir, **options)


@pytest.fixture
def library(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Builds run in this process; `test_background.py` and the tests of the page have them in one of their own."""
    monkeypatch.setattr("ui.service.library.builds.build_behind", build_here)
    shutil.copytree(built / "index", tmp_path / "index")
    return Library(tmp_path / "index", Rights(local=True))


@pytest.fixture
def site(library: Library) -> Iterator[Site]:
    with chat_site(Assistant(index_dir=library.index_dir), library=library) as served:
        yield served
