"""The command line as a person meets it: processes of their own, exit codes, one clear line for each mistake."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness.commands import environment, rag, started
from tests.harness.partly_slow import partly_slow

ARTICLE = """---
id: lighthouse
title: The lighthouse of Aral
language: en
date: 2021-05-04
---

The lighthouse of Aral was built by Maria Kovach in 1907. Its lamp burned 40 litres of oil a night.

# The keeper

The last keeper was Yusuf Demir, who left the tower on March 3, 1971. He lived there with two dogs.
"""


def assert_one_line_error(done: subprocess.CompletedProcess[str], *words: str, code: int = 1) -> None:
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0], lines[0]


def written(parent: Path) -> Path:
    folder = parent / "my articles"
    folder.mkdir()
    (folder / "lighthouse.md").write_text(ARTICLE, encoding="utf-8")
    return folder


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index that is only asked."""
    return indexed(written(tmp_path_factory.mktemp("kept")))


@pytest.fixture
def built(articles: Path) -> Path:
    """Return the folder of an index that may be changed; commands run beside it."""
    return indexed(articles)


def indexed(articles: Path) -> Path:
    """Build an index with the test embedder."""
    done = rag("index", articles, "--index", "idx", "--embedder", "hashing", cwd=articles.parent)
    assert done.returncode == 0, done.stderr
    assert "1 added" in done.stdout
    return articles.parent / "idx"


def test_index_ask_search_status_export(kept: Path) -> None:
    asked = started("ask", "Who was the last keeper of the lighthouse?", "--index", kept, "--json", cwd=kept.parent)
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    for name in (
        "question",
        "text",
        "citations",
        "passages",
        "refused",
        "language",
        "llm",
        "generation",
        "timings",
        "warnings",
    ):
        assert name in answer
    for name in ("document_id", "title", "source", "language", "start", "end", "text", "score"):
        assert name in answer["passages"][0]
    found = json.loads(rag("search", "oil lamp", "--index", kept, "--json", "--k", "1", cwd=kept.parent).stdout)
    assert len(found) == 1
    rows = [json.loads(line) for line in rag("export", "--index", kept, cwd=kept.parent).stdout.splitlines()]
    assert rows
    assert all(row["document_id"] == "lighthouse" for row in rows)
    assert any("Yusuf Demir" in row["text"] for row in rows)
    status = rag("status", "--index", kept, "--json", cwd=kept.parent)
    assert status.returncode == 0, status.stdout
    assert json.loads(status.stdout)["documents"] == 1
    assert rag("feedback", "--index", kept, cwd=kept.parent).stdout == ""
    assert "hashing" in rag("status", "--index", kept, cwd=kept.parent).stdout


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("--k", "0"), "'--k'"),
        (("--k", "two"), "'--k'"),
        (("--k",), "requires an argument"),
        (("--no-such",), "No such"),
    ],
)
def test_values_that_need_conversion_are_converted(
    given: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from ui.cli import app

    done = CliRunner().invoke(app, ["ask", "Who?", *given])
    assert done.exit_code == 2
    assert expected in done.output
    monkeypatch.setenv("RAG_K", "0")
    assert CliRunner().invoke(app, ["ask", "Who?"]).exit_code == 2, "as from the environment"


@pytest.mark.slow
def test_a_bare_index_updates_what_was_indexed(built: Path, articles: Path) -> None:
    (articles / "second.txt").write_text("The harbour of Aral froze in 1954.", encoding="utf-8")
    done = rag("index", "--index", built, "--json", cwd=built.parent)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [len(report[kind]) for kind in ("added", "unchanged", "changed", "removed")] == [1, 1, 0, 0]


@pytest.mark.slow
def test_adding_keeps_what_was_indexed(built: Path) -> None:
    other = built.parent / "other.txt"
    other.write_text("The harbour of Aral froze in 1954.", encoding="utf-8")
    added = json.loads(rag("index", other, "--add", "--index", built, "--json", cwd=built.parent).stdout)
    assert (len(added["added"]), len(added["unchanged"]), len(added["removed"])) == (1, 1, 0)
    replaced = json.loads(rag("index", other, "--index", built, "--json", cwd=built.parent).stdout)
    assert (len(replaced["unchanged"]), len(replaced["removed"])) == (1, 1)


def test_filters(kept: Path) -> None:
    found = rag("search", "oil", "--language=en", "--json", "--index", kept, cwd=kept.parent)
    assert json.loads(found.stdout)
    for wanted, none in (("--since=2021", "--since=2022"), ("--until=2021", "--until=2020")):
        assert json.loads(rag("search", "oil", wanted, "--json", "--index", kept, cwd=kept.parent).stdout)
        assert json.loads(rag("search", "oil", none, "--json", "--index", kept, cwd=kept.parent).stdout) == []


@pytest.mark.slow
def test_a_receipt_is_checked_after_the_document_changed(built: Path, articles: Path) -> None:
    question = "Who was the last keeper of the lighthouse?"
    asked = rag("ask", question, "--save", "receipt.json", "--json", "--index", built, cwd=built.parent)
    assert json.loads(asked.stdout)["citations"], asked.stderr
    held = rag("verify", "receipt.json", "--index", built, cwd=built.parent)
    assert held.returncode == 0, held.stdout + held.stderr
    (articles / "lighthouse.md").write_text(ARTICLE.replace("Yusuf Demir", "Ali Demir"), encoding="utf-8")
    assert rag("index", "--index", built, cwd=built.parent).returncode == 0
    changed = rag("verify", "receipt.json", "--index", built, cwd=built.parent)
    assert changed.returncode == 1
    assert "gone" in changed.stdout
    assert_one_line_error(rag("verify", "no.json", "--index", built, cwd=built.parent), "no.json")


@pytest.mark.slow
def test_watching_follows_a_change(built: Path, articles: Path) -> None:
    command = [sys.executable, "-m", "ui.cli", "index", "--watch", "--index", str(built)]
    process = subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=built.parent
    )
    try:
        assert process.stderr is not None and "watching" in process.stderr.readline()
        (articles / "new.txt").write_text("The pier of Aral was rebuilt in 1988.", encoding="utf-8")
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        assert "1 added" in lines[-1], lines
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    assert process.returncode == 130


def test_no_index_yet(tmp_path: Path) -> None:
    for command in (("ask", "Who?"), ("search", "Who?"), ("status",), ("export",)):
        assert_one_line_error(rag(*command, "--index", "nowhere", cwd=tmp_path), "nowhere", "rag index")


def test_missing_path_and_empty_folder_are_named(tmp_path: Path) -> None:
    assert_one_line_error(
        rag("index", "no-such-folder", "--index", "idx", "--embedder", "hashing", cwd=tmp_path), "no-such-folder"
    )
    (tmp_path / "empty").mkdir()
    assert_one_line_error(rag("index", "empty", "--index", "idx", "--embedder", "hashing", cwd=tmp_path), "empty")


def test_a_failed_update_keeps_the_old_index(built: Path) -> None:
    assert rag("index", "gone", "--index", built, cwd=built.parent).returncode == 1
    asked = rag("search", "keeper", "--index", built, "--json", cwd=built.parent)
    assert json.loads(asked.stdout)


def test_a_bad_file_is_named_and_the_rest_is_indexed(built: Path, articles: Path) -> None:
    (articles / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (articles / "blob.bin").write_bytes(bytes(range(256)) * 40)
    (articles / "third.txt").write_text("The third text tells of the pier.", encoding="utf-8")
    done = rag("index", "--index", built, "--json", cwd=built.parent)
    report = json.loads(done.stdout)
    assert len(report["added"]) == 1
    named = [source for source, _ in [*report["skipped"], *report["failed"]]]
    assert any("broken.pdf" in source for source in named)
    assert any("blob.bin" in source for source in named)


@pytest.mark.parametrize("question", ["", "   ", "x" * 1_000_000])
def test_questions_that_cannot_be_asked(kept: Path, question: str) -> None:
    assert_one_line_error(rag("ask", "-", "--index", kept, cwd=kept.parent, stdin=question), "question")


def test_wrong_calls(kept: Path) -> None:
    assert rag("ask", cwd=kept.parent).returncode == 2
    assert rag("ask", "x", "--k", "0", "--index", kept, cwd=kept.parent).returncode == 2
    assert_one_line_error(
        rag("ask", "x", "--llm", "telepathy", "--index", kept, cwd=kept.parent), "telepathy", "extractive"
    )
    assert_one_line_error(
        rag("index", ".", "--embedder", "runes", "--index", "new", cwd=kept.parent), "runes", "bundled"
    )


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    assert "Traceback" in rag("--debug", "ask", "Who?", "--index", "nowhere", cwd=tmp_path).stderr


# One process for all commands: each would start Python and load the same modules anew.
HELP = """
import sys
from ui.cli import main
for command in sys.argv[1:]:
    sys.argv = ["rag", command, "--help"]
    try:
        main()
        code = 0
    except SystemExit as left:
        code = left.code
    print(f"ENDED {command} {code}")
"""


def test_help_of_every_command(tmp_path: Path) -> None:
    commands = ("index", "ask", "search", "chat", "status", "eval", "export", "verify", "feedback", "password")
    called = [sys.executable, "-c", HELP, *commands]
    done = subprocess.run(called, cwd=tmp_path, env=environment(), capture_output=True, text=True, encoding="utf-8")
    texts = done.stdout.split("ENDED ")
    assert [text.splitlines()[0] for text in texts[1:]] == [f"{command} 0" for command in commands], done.stderr
    assert all("--help" in text for text in texts[: len(commands)])
    assert started("ask", "--help", cwd=tmp_path).returncode == 0  # as a person calls it


@pytest.mark.slow
def test_eval(kept: Path) -> None:
    questions = kept.parent / "q.jsonl"
    row = {
        "id": "1",
        "lang": "en",
        "text": "Who was the last keeper?",
        "answers": ["Yusuf Demir"],
        "relevant": ["lighthouse.md", "pier.md"],
    }
    questions.write_text(json.dumps(row), encoding="utf-8")
    plot = kept.parent / "pairs.svg"
    done = rag("eval", questions, "--index", kept, "--json", "--plot", plot, cwd=kept.parent)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["overall"]["hit_1"] == 1.0
    assert "pier.md: no document of the index" in done.stderr
    assert plot.read_text(encoding="utf-8").startswith("<?xml")
    assert_one_line_error(rag("eval", questions, "--index", kept, "--plot", "a.pdf", cwd=kept.parent), "svg")


def test_a_reranker_that_is_not_there_is_reported(kept: Path) -> None:
    for command in ("search", "ask"):
        done = rag(command, "Who?", "--index", kept, "--reranker", "nonsense", cwd=kept.parent)
        assert_one_line_error(done, "NAME_OR_FOLDER")
    assert_one_line_error(rag("eval", "none.jsonl", "--index", kept, cwd=kept.parent), "none.jsonl")


def test_a_port_in_use_is_named(kept: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_one_line_error(rag("chat", "--port", port, "--index", kept, cwd=kept.parent), port)


def test_a_password_line_signs_in(tmp_path: Path) -> None:
    from ui.http.sign_in.login import read_users

    line = rag("password", "maria", cwd=tmp_path, stdin="correct horse\n")
    assert line.returncode == 0, line.stderr
    assert "correct" not in line.stdout
    (tmp_path / "users").write_text(line.stdout, encoding="utf-8")
    users = read_users(tmp_path / "users")
    assert users.check("maria", "correct horse")
    assert not users.check("maria", "wrong")
    assert_one_line_error(rag("password", "a:b", cwd=tmp_path, stdin="x\n"), "a:b")
    assert_one_line_error(rag("password", "a", cwd=tmp_path), "password")


def test_other_machines_need_a_login(kept: Path) -> None:
    assert_one_line_error(rag("chat", "--host", "0.0.0.0", "--index", kept, cwd=kept.parent), "--auth")


def test_plain_locale_and_odd_folder_names(tmp_path: Path) -> None:
    folder = tmp_path / "مقالات с пробелом"
    folder.mkdir()
    (folder / "منارة.md").write_text(ARTICLE.replace("lighthouse", "منارة"), encoding="utf-8")
    plain = {"LANG": "C", "LC_ALL": "C"}
    done = started("index", folder, "--index", tmp_path / "idx ф", "--embedder", "hashing", cwd=tmp_path, **plain)
    assert done.returncode == 0, done.stderr
    asked = started("search", "منارة", "--index", tmp_path / "idx ф", cwd=tmp_path, **plain)
    assert asked.returncode == 0, asked.stderr


@pytest.mark.parametrize("signum", partly_slow([signal.SIGTERM, signal.SIGINT]))
def test_interrupting_a_build_loses_nothing(built: Path, articles: Path, signum: int) -> None:
    for number in range(150):
        (articles / f"{number}.txt").write_text(f"Text {number} tells of {number * 7} ships. " * 20, encoding="utf-8")
    command = [sys.executable, "-m", "ui.cli", "index", "--index", str(built)]
    process = subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True, cwd=built.parent)
    while process.poll() is None and not list(built.glob("gen-*.tmp")):
        time.sleep(0.01)  # until it is at work, however slow the machine is
    process.send_signal(signum)
    _, errors = process.communicate(timeout=240)
    assert "Traceback" not in errors
    assert process.returncode in (0, 130)  # 0: it was done before the signal came
    assert rag("search", "keeper", "--index", built, "--json", cwd=built.parent).returncode == 0
    assert rag("index", "--index", built, cwd=built.parent).returncode == 0


def test_the_way_to_an_answer_imports_nothing_heavy(kept: Path) -> None:
    code = (
        "import sys; sys.argv = ['rag', 'ask', 'Who was the last keeper?', '--index', sys.argv[1]]\n"
        "from ui.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'gradio', 'tiktoken', 'openai', 'fastapi'}\n"
        "heavy |= {'pydantic', 'asyncio', 'importlib.metadata', 'email', 'http', 'openvino_telemetry'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(kept)], env=environment(), capture_output=True, text=True)
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_the_version_and_the_short_form_of_help(tmp_path: Path) -> None:
    from importlib.metadata import version

    output = started("--version", cwd=tmp_path)
    assert (output.returncode, output.stdout.strip()) == (0, f"rag (Babelquote) {version('babelquote')}")
    for command in ((), ("ask",), ("chat",)):
        assert rag(*command, "-h", cwd=tmp_path).stdout == rag(*command, "--help", cwd=tmp_path).stdout != ""


@pytest.mark.parametrize(("option", "value"), [("--public-url", "docs.example.org"), ("--host-name", "a/b")])
def test_a_wrong_public_name_is_one_line(tmp_path: Path, option: str, value: str) -> None:
    output = rag("chat", option, value, cwd=tmp_path)
    assert (output.returncode, output.stderr.count("\n")) == (1, 1)
    assert value in output.stderr
