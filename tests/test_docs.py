"""What the README says is true: its Python runs, its files exist, its links lead somewhere."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = [
    README,
    *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "examples/plugin/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "integrations").rglob("README.md")),
]


def test_the_python_of_the_readme_prints_what_it_says(seeds_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX", str(seeds_index))
    results = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert results.attempted >= 4
    assert results.failed == 0


def test_the_first_screen_tells_how_to_run_and_to_call() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    assert any("make run" in line for line in lines[:20])
    assert any("make test" in line for line in lines[:20])
    assert any("from rag import answer" in line for line in lines[:30])


def test_the_layout_names_every_folder_of_the_packages() -> None:
    named = set(re.findall(r"`((?:\w+/)+)`", README.read_text(encoding="utf-8")))
    folders = {path.parent for package in ("index", "rag", "ui") for path in (ROOT / package).glob("*/__init__.py")}
    folders -= {ROOT / package / "testing" for package in ("index", "rag")}
    assert {f"{folder.relative_to(ROOT)}/" for folder in folders} <= named
    assert [name for name in named if name.count("/") > 1 and not (ROOT / name).is_dir()] == []


def test_every_folder_says_what_comes_in_and_what_goes_out() -> None:
    for package in ("index", "rag", "ui"):
        for path in (ROOT / package).rglob("*/__init__.py"):
            words = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            assert path.parent.name == "testing" or {"In:", "Out:"} <= set(words.split()), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_into_a_page_lead_to_a_heading_of_it(page: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert heading in headings(page.parent / target if target else page), f"{target}#{heading}"


def headings(page: Path) -> set[str]:
    """Return the names by which links reach the headings of a page, as GitHub and the site make them."""
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))
    found = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_tests_that_are_named_exist(page: Path) -> None:
    for file, name in named_tests(page.read_text(encoding="utf-8")):
        path = ROOT / "tests" / file.removeprefix("tests/")
        assert path.is_file(), file
        found = re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert name in ("", *found), f"{file}::{name}"


def test_every_threat_names_a_test_that_shows_what_happens() -> None:
    lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) >= 40
    assert [row for row in rows if not all(name for _, name in named_tests(row)) or not named_tests(row)] == []


TEXTS = (".cfg", ".css", ".html", ".js", ".json", ".jsonl", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml", "")
OURS = ("babelquote", "benchmarks", "docs", "examples", "index", "integrations", "rag", "tests", "tools", "ui")


def half_merged(path: Path) -> bool:
    """Tell whether the mark of a conflict was left in a file."""
    lines = path.read_bytes().splitlines()
    return any(line.startswith((b"<" * 7 + b" ", b">" * 7 + b" ")) for line in lines)


def test_no_conflict_of_a_merge_was_left(tmp_path: Path) -> None:
    files = [path for folder in OURS for path in (ROOT / folder).rglob("*") if path.suffix in TEXTS and path.is_file()]
    files += [path for path in ROOT.iterdir() if path.suffix in TEXTS and path.is_file()]
    assert len(files) > 1000 and ROOT / "CHANGELOG.md" in files
    assert [path for path in files if half_merged(path)] == []
    (tmp_path / "left.md").write_text(f"ours\n{'=' * 7}\ntheirs\n{'>' * 7} other\n", "utf-8")
    assert half_merged(tmp_path / "left.md")


def named_tests(text: str) -> list[tuple[str, str]]:
    """Return the tests that a text names: file, and function or nothing."""
    return re.findall(r"\b((?:tests/)?(?:\w+/)*test_\w+\.py)(?:::(test_\w+))?", text)
