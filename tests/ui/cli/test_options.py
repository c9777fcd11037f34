"""Every option of every command changes what the command does, or is refused by its name: none is ignored."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import index
from index.building.report import BuildReport
from index.stores.collections import Collection, Collections
from index.stores.keeping import change_collections
from tests.conftest import SEEDS
from ui.cli import app

LLM = ("--llm", "openai-compatible:model@http://127.0.0.1:9")
ARGUMENTS = {
    "ask": ["Who is Morsi?"],
    "search": ["Who is Morsi?"],
    "verify": ["receipt.json"],
    "password": ["mia"],
    "check": ["draft.md"],
    "backup": ["b.tar"],
    "restore": ["b.tar"],
    "collection": ["Defence"],
}
VALUES = {
    "--k": "2", "--since": "2021", "--until": "2030", "--language": "en", "--where": "outlet=Al-Monitor",
    "--document": "egypt-iraq-defense-industry", "--folder": "texts", "--llm": LLM[1], "--llm-timeout": "7",
    "--llm-header": "a: b", "--nli": "sentence-transformers:here", "--reranker": "sentence-transformers:here",
    "--reader": "none", "--max-file-size": "5MB", "--ocr": "off", "--port": "1", "--offer": "local",
    "--embedder": "hashing", "--index": "other", "--save": "saved.json", "--plot": "plot.svg", "--auth": "users",
    "--include": "*.md", "--workers": "2", "--log-format": "json",
    "--collection": "Kept", "--matching": "egypt", "--for": "group:staff",
    "--without": "reports",
}  # fmt: skip
NOTHING = BuildReport((), (), (), (), (), (), (), 0, 0, 1, 0.0, (), ())
REMEMBERED = ("RAG_LLM_TIMEOUT", "RAG_LLM_HEADERS", "RAG_OCR")  # where options are put that the backends read
NOT_TOLD = {"--help", "--install-completion", "--show-completion"}


def options() -> list[tuple[str, str]]:
    """Return every command with each of its options, hidden ones too, from the program itself."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    parameters = [(name, one) for name, command in commands.items() for one in command.params]
    return [
        (name, one.opts[0])
        for name, one in parameters
        if one.param_type_name == "option" and one.opts[0] not in NOT_TOLD
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("options")
    (folder / "texts").mkdir()
    (folder / "texts" / "one.md").write_bytes((SEEDS / "egypt-iraq-defense-industry.md").read_bytes())
    (folder / "questions.jsonl").write_text(
        '{"id": "1", "lang": "en", "text": "Who is Morsi?", "answers": ["Morsi"], "relevant": ["one.md"], '
        '"answerable": true}\n'
    )
    (folder / "draft.md").write_text("Morsi said: “above all in the military field” and went to Baghdad in 1950.")
    for name in ("index", "signed"):  # the receipt of one index is no other index's own
        index.build([folder / "texts"], index_dir=folder / name, embedder="hashing")
    index.build([SEEDS / "masr-aliraq-taawun-askari.md"], index_dir=folder / "other", embedder="hashing")
    asked = ["ask", "Who is Morsi?", "--index", str(folder / "signed"), "--save", str(folder / "receipt.json")]
    assert CliRunner().invoke(app, asked).exit_code == 0
    return folder


class Heard(list[str]):
    """What reached whoever does the work."""

    def taking(self, name: str, then: Any = None) -> Any:
        def take(*given: Any, **named: Any) -> Any:
            shown = [one for one in (*given, *named.items()) if "object at" not in repr(one)]
            self.append(f"{name} {shown}")
            return then(*given, **named) if then else None

        return take


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, built: Path) -> Iterator[Heard]:
    """Listen where the work is done, behind whatever only passes options on."""
    import rag.assistant as asked
    from rag.drafts import checking as drafts
    from rag.llms.extractive import Extractive
    from ui.cli.commands import indexing

    heard = Heard()
    events, found, checked = asked.answer_events, asked.retrieve, drafts.check_text

    def answered(opened: Any, request: Any, llm: Any, config: Any) -> Any:
        heard.append(f"answered {request} {llm} {config}")
        return events(opened, request, Extractive(), asked.AnswerConfig(reader="none"))

    def retrieved(opened: Any, *rest: Any, reranker: Any = None) -> Any:
        heard.append(f"retrieved {rest} {reranker}")
        return found(opened, *rest)

    def held(opened: Any, text: str, config: Any, where: Any, **more: Any) -> Any:
        heard.append(f"checked {text} {config} {where} {more}")
        return checked(opened, text, asked.AnswerConfig(reader="none"), where, **more)

    monkeypatch.setattr(drafts, "check_text", held)
    monkeypatch.setattr(asked, "answer_events", answered)
    monkeypatch.setattr(asked, "retrieve", retrieved)
    monkeypatch.setattr(asked, "load_reranker", lambda spec: spec)
    monkeypatch.setattr("ui.app.web.serve", heard.taking("served"))
    monkeypatch.setattr("ui.cli.commands.answers.export_feedback", heard.taking("feedback"))
    monkeypatch.setattr("ui.app.shutdown.leave", lambda: None)
    monkeypatch.setattr("ui.api.mcp.server.mcp_over_stdio", heard.taking("mcp"))
    monkeypatch.setattr("ui.service.watching.checkup.checkup", heard.taking("looked", lambda *_: ()))
    kept = index.Backup("b.tar", "index", 1, 1, 1, 1, 1)
    monkeypatch.setattr(index, "back_up", heard.taking("backed up", lambda *_, **__: kept))
    monkeypatch.setattr(index, "restore", heard.taking("restored", lambda *_, **__: kept))
    monkeypatch.setattr(index, "build", heard.taking("built", lambda *_, **__: NOTHING))
    monkeypatch.setattr(indexing, "follow", heard.taking("followed", lambda _: 0))
    for name in REMEMBERED:
        monkeypatch.setenv(name, "")  # so that it is as before in the end
    monkeypatch.chdir(built)
    yield heard


COLLECTIONS = Collections((Collection("Kept", (), ("texts",)), Collection("Defence", (), ("reports",))))


def done(heard: Heard, command: str, more: Sequence[str]) -> tuple[int, str]:
    """Return the exit code, and all that a call did and said."""
    heard.clear()
    change_collections("index", lambda _: COLLECTIONS)
    for name in REMEMBERED:
        os.environ.pop(name, None)
    given = [*ARGUMENTS.get(command, []), *more]
    if command == "eval":
        given = ["questions.jsonl", *more]
    if "--index" not in given:
        given += ["--index", "index"] if command not in ("password", "languages", "config") else []
    result = CliRunner().invoke(app, [command, *given], input="secret\n")
    kept = {name: os.environ.get(name) for name in REMEMBERED}
    files = sorted(one.name for one in Path().iterdir())
    return result.exit_code, f"{result.output} {result.exception!r} {list(heard)} {kept} {files}"


@pytest.mark.parametrize(("command", "option"), options())
def test_an_option_has_an_effect_or_is_refused_by_name(heard: Heard, command: str, option: str) -> None:
    parameters = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    flag = any(one.opts[0] == option and getattr(one, "is_flag", False) for one in parameters)
    beside = list(LLM) if option.startswith("--llm-") else []
    _, without = done(heard, command, beside)
    code, with_it = done(heard, command, [*beside, option, *([] if flag else [VALUES.get(option, "text")])])
    assert with_it != without, f"rag {command} {option} is ignored"
    assert code != 2 or option in with_it


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (["search", "x", "--nli", "sentence-transformers:here"], "--nli"),
        (["search", "x", "--reader", "none"], "--reader"),
        (["ask", "x", "--llm-timeout", "5"], "--llm-timeout"),
        (["ask", "x", "--llm-header", "a: b", "--llm", "local"], "--llm-header"),
        (["chat", "--llm-header", "a: b", "--llm", "anthropic:claude"], "--llm-header"),
        (["chat", "--llm-header", "a: b", "--llm", "openai:gpt"], "--llm-header"),
        (["index", "--verify", "--rebuild", "texts"], "paths and --rebuild"),
        (["index", "--add"], "--add"),
    ],
)
def test_what_would_have_no_effect_is_a_wrong_call(heard: Heard, call: list[str], named: str) -> None:
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 2
    assert named in " ".join(result.output.split())
    assert heard == []


def test_what_the_environment_says_is_for_whom_it_concerns(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is written on the command line is refused: an environment is there for all commands."""
    monkeypatch.setenv("RAG_READER", "none")
    monkeypatch.setenv("RAG_LLM_HEADERS", "a: b")
    code, _ = done(heard, "search", [])
    assert code == 0


def test_a_header_for_one_of_the_models_on_offer_is_taken(heard: Heard) -> None:
    code, said = done(heard, "chat", ["--llm-header", "a: b", "--offer", "ollama:qwen3"])
    assert (code, heard != []) == (0, True), said


def test_an_option_that_is_only_declared_is_caught(heard: Heard) -> None:
    careless = typer.Typer()

    @careless.command("ask")
    def ask(question: str, colour: str = "") -> None:
        typer.echo(question)

    said = [CliRunner().invoke(careless, ["x", *more]).output for more in ([], ["--colour", "red"])]
    assert said[0] == said[1]


def test_help_names_values_in_words_and_cuts_no_line_short() -> None:
    runner, commands = CliRunner(), typer.main.get_command(app).commands  # type: ignore[attr-defined]
    first = runner.invoke(app, ["--help"]).output
    assert "..." not in first.partition("Commands:")[2]
    for name in commands:
        output = runner.invoke(app, [name, "--help"]).output
        assert not re.search(r"<\w|list\[|range", output), name
    assert "--k NUMBER" in runner.invoke(app, ["ask", "--help"]).output
    assert "--save PATH" in runner.invoke(app, ["ask", "--help"]).output
