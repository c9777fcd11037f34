"""A connection that is cut at any statement: one clear line, nothing lost, and the next try works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import index
from index.errors import StoreError, StoreUnreachableError
from rag import Answer, Assistant
from rag.llms.events import StreamEvent, Withdrawn
from tests.harness.crash_harness import WORDS
from tests.harness.index_helpers import build
from tests.harness.postgres_server import fresh_schema, shared_server, start_server

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@contextmanager
def cut_at(number: int) -> Iterator[list[int]]:
    """Let the server end the connection just before its statement of that number; gives the count so far."""
    execute, copy, count = psycopg.Connection.execute, psycopg.Cursor.copy, [0]

    def cut(connection: Any) -> None:
        count[0] += 1
        if count[0] == number:
            with psycopg.connect(shared_server().url(), autocommit=True) as admin:
                admin.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))

    def counted_execute(self: Any, *args: Any, **more: Any) -> Any:
        cut(self)
        return execute(self, *args, **more)

    def counted_copy(self: Any, *args: Any, **more: Any) -> Any:
        cut(self.connection)
        return copy(self, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", counted_execute)
        patch.setattr(psycopg.Cursor, "copy", counted_copy)
        yield count


def corpus_of(database: str) -> str:
    """Which corpus an index holds, looked at through vectors, keywords and texts."""
    with index.open(database) as opened:
        found = set()
        for word in WORDS[:3]:
            vector, _ = opened.embed_query(f"What is told of the {word}?")
            keys = [opened.store.dense(vector, 1)[0].key, opened.store.keyword(word, 1).hits[0].key]
            found |= {"A" if " A " in passage.text else "B" for passage in opened.store.passages(keys)}
    (name,) = found
    return name


def few(corpora: dict[str, Path]) -> dict[str, Path]:
    for folder in corpora.values():
        for path in folder.iterdir():
            if path.stem not in WORDS[:3]:
                path.unlink()
    return corpora


@pytest.mark.slow
@pytest.mark.parametrize("rebuild", [False, True], ids=["update", "rebuild"])
def test_a_build_whose_connection_is_cut_loses_nothing(corpora: dict[str, Path], rebuild: bool) -> None:
    database, corpora = fresh_schema(), few(corpora)
    build(database, corpora["A"])  # type: ignore[arg-type]
    with cut_at(0) as count:
        build(database, corpora["B"], rebuild=rebuild)  # type: ignore[arg-type]
    assert count[0] > 30
    now, failed = "B", 0
    for number in range(1, count[0] + 1):
        other = "A" if now == "B" else "B"
        try:
            with cut_at(number):
                build(database, corpora[other], rebuild=rebuild)  # type: ignore[arg-type]
        except StoreError as error:
            failed += 1
            assert "\n" not in str(error)
            assert str(error).startswith("postgresql://"), error
        found = corpus_of(database)
        assert found in (now, other)
        now = found
    assert failed > count[0] // 2
    build(database, corpora["A"])  # type: ignore[arg-type]
    assert corpus_of(database) == "A"


@pytest.mark.slow
def test_a_question_whose_connection_is_cut_is_answered_all_the_same(corpora: dict[str, Path]) -> None:
    database = fresh_schema()
    build(database, corpora["A"])  # type: ignore[arg-type]
    assistant = Assistant(database)
    question = "What is told of the harbour?"
    with cut_at(0) as count:
        result = assistant.answer(question).text
    assert "A tells of the harbour" in result
    assert 4 <= count[0] <= 12
    for number in range(1, count[0] + 1):
        with cut_at(number):
            assert assistant.answer(question).text == result


def test_an_answer_that_is_cut_in_the_middle_is_withdrawn_and_begins_anew(corpora: dict[str, Path]) -> None:
    database = fresh_schema()
    build(database, corpora["A"])  # type: ignore[arg-type]
    assistant = Assistant(database)
    whole = assistant.answer("What is told of the harbour?")
    assert not whole.refused
    stream, seen = assistant.stream("What is told of the harbour?"), list[StreamEvent]()
    with cut_at(0):  # the first piece, then a statement that finds the connection cut
        seen.append(next(stream))
    with psycopg.connect(shared_server().url(), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'babelquote'"
        )
    seen += stream
    assert any(isinstance(each, Withdrawn) for each in seen)
    pieces = "".join(each for each in seen if isinstance(each, str))
    assert pieces.startswith(whole.text[:5])
    assert isinstance(seen[-1], Answer)
    assert (seen[-1].text, seen[-1].citations) == (whole.text, whole.citations)


@pytest.mark.slow
def test_a_server_that_restarts_is_waited_for(corpora: dict[str, Path]) -> None:
    server = start_server()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
    build(server.url(), corpora["A"])  # type: ignore[arg-type]
    assistant = Assistant(server.url())
    expected = assistant.retrieve("What is told of the canal?")
    for hard in (False, True):
        server.stop(hard=hard)
        server.start()
        assert assistant.retrieve("What is told of the canal?") == expected
    server.stop()
    with pytest.raises(StoreUnreachableError, match=r"check that (it|the server) is up"):
        assistant.retrieve("What is told of the canal?")
