"""Figures and logs of a server: they count every way to ask, hold no words, and are not for everybody."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import index
from rag import AnswerConfig
from rag.errors import QuestionError
from tests.conftest import SEEDS
from tests.harness.ui_server import running
from ui.app.logs import JsonLines
from ui.app.watched import watching
from ui.http.sign_in.login import Users, hash_password
from ui.service.asking.asking import ChatService
from ui.service.library.library import Rights
from ui.service.watching.observed import ObservedAssistant, Outcome

QUESTION = "Who is Mohamed Ahmed Morsi, zebra-4711?"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watched")
    index.build([SEEDS / "egypt-iraq-defense-industry.md"], index_dir=folder / "index", embedder="hashing")
    return folder / "index"


def site(built: Path, *, local: bool = True, users: Users | None = None, **asked: bool) -> Any:
    eyes = watching(**asked)
    live = index.LiveIndex(built)
    assistant = ObservedAssistant(eyes.observers, "extractive", index=live, config=AnswerConfig(reader="none"))
    return running(eyes.around(ChatService(assistant, "extractive"), Rights(local=local), users=users))


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """Every event as it would be logged."""
    seen: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(json.loads(self.format(record)))

    handler, logger = Kept(), logging.getLogger("babelquote")
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield seen
    logger.removeHandler(handler)
    logger.setLevel(before)


def test_figures_count_questions_and_requests_and_hold_no_words(built: Path) -> None:
    with site(built, metrics=True) as url:
        httpx.post(f"{url}/api/answer", json={"question": QUESTION}, timeout=60).raise_for_status()
        asked = {"model": "extractive", "messages": [{"role": "user", "content": QUESTION}]}
        httpx.post(f"{url}/v1/chat/completions", json=asked, timeout=60).raise_for_status()
        assert httpx.get(f"{url}/wp-admin/secret-zebra", timeout=60).status_code == 403
        answer = httpx.get(f"{url}/metrics", timeout=60)
    text = answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    ended = [line for line in text.splitlines() if line.startswith("babelquote_questions_total{")]
    assert sum(float(line.split()[-1]) for line in ended) == 2 and 'backend="extractive"' in ended[0]
    assert 'babelquote_http_requests_total{method="POST",route="/api/answer",status="200"} 1.0' in text
    assert 'babelquote_http_requests_total{method="GET",route="other",status="403"} 1.0' in text
    assert "babelquote_index_documents 1.0" in text and "babelquote_question_seconds_bucket" in text
    assert "zebra" not in text and "Morsi" not in text and "egypt" not in text


@pytest.mark.slow
def test_figures_are_off_until_they_are_asked_for(built: Path) -> None:
    with site(built) as url:
        assert httpx.get(f"{url}/metrics", timeout=60).status_code == 404


def test_figures_are_for_the_local_user_and_the_admin(built: Path) -> None:
    users = Users({name: hash_password("sesame") for name in ("admin", "mia")})
    with site(built, local=False, users=users, metrics=True) as url:
        asked = {name: httpx.get(f"{url}/metrics", auth=(name, "sesame"), timeout=60) for name in ("admin", "mia")}
        assert httpx.get(f"{url}/metrics", timeout=60).status_code == 401
    assert {name: one.status_code for name, one in asked.items()} == {"admin": 200, "mia": 403}
    with site(built, local=False, metrics=True) as url:
        assert httpx.get(f"{url}/metrics", timeout=60).status_code == 403


@pytest.mark.parametrize("words", [False, True])
def test_logs_hold_the_question_only_where_that_was_asked_for(
    built: Path, lines: list[dict[str, Any]], words: bool
) -> None:
    with site(built, as_json=True, words=words) as url:
        httpx.post(f"{url}/api/answer", json={"question": QUESTION}, timeout=60).raise_for_status()
        httpx.get(f"{url}/library/document?id=zebra-4711", timeout=60)
    questions = [one for one in lines if one.get("event") == "question"]
    requests = [(one["route"], one["status"]) for one in lines if one.get("event") == "request"]
    assert len(questions) == 1 and questions[0]["outcome"] in ("answered", "refused")
    assert ("/api/answer", 200) in requests and "/library" in dict(requests)
    assert questions[0].get("question") == (QUESTION if words else None)
    assert ("zebra" in json.dumps(lines)) is words


def test_every_end_of_a_question_is_reported(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Outcome] = []
    assistant = ObservedAssistant(
        [seen.append], "extractive", index=index.LiveIndex(built), config=AnswerConfig(reader="none")
    )
    assistant.answer(QUESTION)
    with pytest.raises(QuestionError):
        assistant.answer(" ")
    monkeypatch.setattr("rag.Assistant.stream", lambda *_, **__: iter(["a piece", "another"]))
    left = assistant.stream(QUESTION)
    next(left)
    left.close()
    assert seen[0].end in ("answered", "refused")
    assert [one.end for one in seen[1:]] == ["failed", "stopped"]
    assert all(one.seconds >= 0 and one.backend == "extractive" for one in seen)


def test_a_line_of_the_log_is_one_line_whatever_is_in_it() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        import sys

        record = logging.LogRecord("a", logging.ERROR, "", 0, "a\nforged \x1b[31m line", None, sys.exc_info())
    line = JsonLines().format(record)
    assert "\n" not in line and "\x1b" not in line
    assert json.loads(line)["exception"].endswith("ValueError: two\nlines\n")
