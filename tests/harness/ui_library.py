"""A library over a copy of an index that a module has built once (its fixture `built`), and the page over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Assistant
from tests.harness.ui_server import Site, chat_site
from ui.service.library import Library, Rights


@pytest.fixture
def library(built: Path, tmp_path: Path) -> Library:
    shutil.copytree(built / "index", tmp_path / "index")
    return Library(tmp_path / "index", Rights(local=True))


@pytest.fixture
def site(library: Library) -> Iterator[Site]:
    with chat_site(Assistant(index_dir=library.index_dir), library=library) as served:
        yield served
