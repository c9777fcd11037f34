"""The walk of CONTRIBUTING.md: one small part of each kind, added to a copy of the project, works there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

import pytest

from tests.conftest import ROOT
from tools.additions import ADDITIONS, Tree

ROUTE = "route of the API"
PACKAGES = ("index", "rag", "ui", "babelquote", "examples", "docs")
# Asks for each of the parts in a process that has the copy for its code.
USED = """
import json, sys
from pathlib import Path
import index
from index.language.identification import detect
from rag import AnswerConfig, Assistant
from rag.output.strings import refusal
from ui.view.strings import choose, table

place = Path(sys.argv[1])
(place / "texts").mkdir()
recipe = "RECIPE\\nFlatbread\\nMix flour and water. Bake the dough for eleven minutes.\\n"
(place / "texts" / "bread.recipe").write_text(recipe)
(place / "texts" / "soup.txt").write_text("Cook the lentils gently until they are soft. Add salt.")
address = f"remembered://{place}/an-index"
built = index.build([place / "texts"], index_dir=address, embedder="letters:32")
config = AnswerConfig(reader="longest:x", nli="verbatim:x", min_confidence=0.0)
answer = Assistant(address, "first:", config=config).answer("How long is the dough baked?")
unread = Assistant(address, config=AnswerConfig(reader="none", reranker="shortest:5", min_confidence=0.0))
with index.open(address) as opened:
    found = {
        "file format": {opened.store.document(one).title for one in opened.store.document_ids()} >= {"Flatbread"},
        "embedder": opened.manifest.embedder.spec == "letters:32",
        "store": type(opened.store).__name__ == "RememberedStore",
    }
lengths = [len(hit.passage.text) for hit in unread.retrieve("How long is the dough baked?")]
found |= {
    "language": refusal(detect("La ministroj interkonsentis diman\u0109e pri siaj spertoj.")) != refusal("en"),
    "language of the page": choose("eo") == "eo" and len(table("eo")) > 100,
    "language model": answer.llm == "first" and bool(answer.citations),
    "reader": answer.passages[0].reading.reader == "longest",
    "reranker": len(lengths) > 1 and lengths == sorted(lengths),
    "judge": config.nli == "verbatim:x" and answer.citations[0].support == "supported",
}
print(json.dumps(found))
"""


def copy_of_the_project(place: Path, *more: str) -> Path:
    """Return a folder with the project's files; what is large, and never changed, is linked to."""
    for package in (*PACKAGES, *more):
        for path in (ROOT / package).rglob("*"):
            target = place / path.relative_to(ROOT)
            if path.is_file() and "__pycache__" not in path.parts:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(path) if path.stat().st_size > 1_000_000 else copyfile(path, target)
    copyfile(ROOT / "pyproject.toml", place / "pyproject.toml")
    return place


@pytest.mark.slow
def test_one_of_each_kind_works_where_the_walk_says(tmp_path: Path) -> None:
    copy = copy_of_the_project(tmp_path / "copy")
    for add in ADDITIONS.values():
        add(Tree(copy))
    (tmp_path / "data").mkdir()
    around = {**os.environ, "PYTHONPATH": str(copy)}
    called = [sys.executable, "-c", USED, str(tmp_path / "data")]
    done = subprocess.run(called, cwd=copy, env=around, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == dict.fromkeys(ADDITIONS.keys() - {ROUTE}, True)


@pytest.mark.slow
def test_a_route_is_served_as_its_description_says(tmp_path: Path) -> None:
    """By the tests that the walk names; they send each of its fields values of every kind."""
    copy = copy_of_the_project(tmp_path / "copy", "tests", "seeds", "tools")
    ADDITIONS[ROUTE](Tree(copy))
    called = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "longest or whole"]
    done = subprocess.run([*called, "tests/ui/api/test_openapi.py"], cwd=copy, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(copy)}, timeout=280)  # fmt: skip
    assert done.returncode == 0, done.stdout[-3_000:]
    assert re.search(r"\b5 passed", done.stdout), done.stdout[-500:]


@pytest.mark.slow
def test_each_fits_into_the_order_of_imports_and_the_style_without_another_line(tmp_path: Path) -> None:
    copy = copy_of_the_project(tmp_path / "copy")
    for add in ADDITIONS.values():
        add(Tree(copy))
    for called in (["lint-imports", "--no-cache"], ["ruff", "check", "."]):
        tool = Path(sys.executable).with_name(called[0])
        done = subprocess.run([tool, *called[1:]], cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)},
                              capture_output=True, text=True, timeout=200)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_walk_names_the_files_that_an_addition_touches(tmp_path: Path) -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    walk = {name.strip(): files for name, files in rows}
    copy = copy_of_the_project(tmp_path)
    for name, add in ADDITIONS.items():
        tree = Tree(copy)
        add(tree)
        missing = [file for file in tree.touched if not _stands_in(file, walk[name])]
        assert missing == [], name


def _stands_in(file: str, named: str) -> bool:
    """Tell whether a file is named, or its folder as one for new files."""
    return any(f"`{one}`" in named for one in (file, file.replace("eo.", "CODE."), f"{Path(file).parent.as_posix()}/"))
