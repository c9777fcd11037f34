"""Other people's tools: each package runs with the real framework where that is installed; notes, tables, a pipe."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

import index
from index.types import Document, Passage
from rag import Answer, Citation, as_frame
from tests.conftest import ROOT, SEEDS
from tests.harness.ui_fakes import HOSTILE, FakeAssistant
from tests.harness.ui_server import chat_site
from ui.cli import app
from ui.cli.commands.vault import note_of, write_vault
from ui.http.sign_in.login import Users, hash_password

FRAMEWORKS = {"langchain": "langchain_core", "llamaindex": "llama_index", "haystack": "haystack"}


@pytest.mark.slow
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_package_works_with_the_real_framework(name: str) -> None:
    if importlib.util.find_spec(FRAMEWORKS[name]) is None:
        pytest.skip(f"{FRAMEWORKS[name]} is not installed here: pip install ./integrations/{name}")
    folder = ROOT / "integrations" / name
    path = os.pathsep.join([str(folder / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(folder / "tests")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout[-3_000:]


def test_each_package_says_what_it_needs_and_nothing_of_it_is_ours() -> None:
    import tomllib

    for name in FRAMEWORKS:
        project = tomllib.loads((ROOT / "integrations" / name / "pyproject.toml").read_text("utf-8"))["project"]
        assert project["dependencies"][0] == "babelquote" and len(project["dependencies"]) == 2
        assert (ROOT / "integrations" / name / "README.md").is_file()
    ours = (ROOT / "constraints.txt").read_text("utf-8")
    assert not re.search(r"langchain|llama-index|haystack", ours)


def pipe_of() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pipe", ROOT / "integrations" / "openwebui" / "babelquote_pipe.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["pipe"] = module  # pydantic looks names up there
    spec.loader.exec_module(module)
    return module


def test_the_pipe_for_open_webui_answers_with_citations() -> None:
    module = pipe_of()
    assert re.search(r"^title: ", module.__doc__, re.MULTILINE)
    events: list[dict[str, Any]] = []

    async def emit(event: dict[str, Any]) -> None:
        events.append(event)

    users = Users({"mia": hash_password("sesame")})
    with chat_site(FakeAssistant(), users=users) as site:
        pipe = module.Pipe()
        pipe.valves = pipe.Valves(address=f"{site.url}/", key="mia:sesame")
        picture = {"type": "image_url", "image_url": {"url": "data:,"}}
        messages = [
            {"role": "system", "content": "x"},
            {"role": "user", "content": "Where is Factory 200?"},
            {"role": "assistant", "content": "In Helwan [1]."},
            {"role": "user", "content": [picture, {"type": "text", "text": "Who runs it?"}]},
        ]
        text = asyncio.run(pipe.pipe({"messages": messages}, emit))
        pipe.valves = pipe.Valves(address=site.url, key="mia:wrong")
        refused = asyncio.run(pipe.pipe({"messages": messages}))
        question, history = site.assistant.questions[0]
    assert question == "Who runs it?" and [(one.question, one.answer) for one in history] == [
        ("Where is Factory 200?", "In Helwan [1].")
    ]
    assert "[1]" in text
    data = events[0]["data"]
    assert events[0]["type"] == "citation" and data["document"][0] and data["metadata"][0]["end"] > 0
    assert data["source"]["name"].startswith("[1] ")
    assert "could not answer" in refused


def test_the_pipe_streams_and_tells_what_was_checked_where_it_differs() -> None:
    module = pipe_of()

    async def pieces_of(site_url: str) -> list[str]:
        pipe = module.Pipe()
        pipe.valves = pipe.Valves(address=site_url)
        asked = {"messages": [{"role": "user", "content": "Where is Factory 200?"}], "stream": True}
        return [piece async for piece in await pipe.pipe(asked)]

    with chat_site(FakeAssistant()) as site:
        pieces = asyncio.run(pieces_of(site.url))
    assert len(pieces) > 3 and "".join(pieces).strip() == FakeAssistant().answer("Where is Factory 200?").text
    assert module._rest("In Helwan [1]. Yes.", "In Helwan ") == " [1]. Yes."
    assert module._rest("In Helwan [1].", "In Cairo, it seems.") == "\n\n---\n\nIn Helwan [1]."
    assert "can’t be reached" in "".join(asyncio.run(pieces_of("http://127.0.0.1:9")))


def test_a_note_holds_the_words_and_nothing_that_runs() -> None:
    text = HOSTILE + "\n\n![p](http://evil.example/a.png) [[Other]] #tag `code` %%hidden%%\n\n"
    text += "```dataviewjs\nrun()\n```\nend"
    spans = (("a", 0, len(HOSTILE)), ("b", 40, len(text)))
    passages = [Passage(name, "d", start, end, text[start:end], "en", "") for name, start, end in spans]
    note = note_of(Document("d", 'A "title"', "x.md", "en", text, {"date": "2021"}), passages)
    head, body = note.split("\n---\n", 1)
    assert 'title: "A \\"title\\""' in head and 'babelquote: "d"' in head and 'date: "2021"' in head
    assert re.findall(r" \^p\d+$", body, re.MULTILINE) == [" ^p0", " ^p1"]
    plain = re.sub(r" \^p\d+$", "", body, flags=re.MULTILINE)
    assert re.sub(r"\\(.)", r"\1", plain).strip() == text.strip()
    assert not re.search(r"(?<!\\)[<\[`!#%]", plain)


def test_a_vault_has_a_note_for_each_document_and_replaces_only_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):  # with one title
        (tmp_path / f"{name}.md").write_text(f"# Who: what/where?\n\nText of {name}.\n", "utf-8")
    index.build([tmp_path / "one.md", tmp_path / "two.md", SEEDS], index_dir=tmp_path / "index", embedder="hashing")
    vault = tmp_path / "vault"
    for _ in range(2):
        assert write_vault(vault, tmp_path / "index") == len(list(vault.iterdir())) >= 7
    assert {"Who what where.md", "Who what where 2.md"} <= {path.name for path in vault.iterdir()}
    (vault / "Who what where.md").write_text("mine")
    outcome = CliRunner().invoke(app, ["export", "--vault", str(vault), "--index", str(tmp_path / "index")])
    assert "was not written here" in str(outcome.exception)
    assert (vault / "Who what where.md").read_text() == "mine"


def test_answers_and_passages_become_tables() -> None:
    cited = Citation(1, "d", "T", "s.md", 3, 8, "words", "partly")
    answer = Answer("Who?", "He [1].", (cited,), (), False, "en", "extractive", 1)
    frame = as_frame(answer)
    assert frame.to_dict("records") == [
        {"number": 1, "document_id": "d", "title": "T", "source": "s.md", "start": 3, "end": 8, "quote": "words",
         "support": "partly"}
    ]  # fmt: skip
    hits = FakeAssistant().retrieve("Factory 200")
    assert list(as_frame(hits)["document_id"]) == [hit.passage.document_id for hit in hits]
    assert as_frame([]).empty and "text" in as_frame([]).columns
