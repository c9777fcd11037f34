"""An index in a database of another encoding: the same answers, or a refusal that says what to do."""

from __future__ import annotations

import psycopg
import pytest

import index
from rag import Assistant
from tests.conftest import SEEDS
from tests.harness.postgres_server import fresh_database


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "UTF8"])
def test_texts_of_any_script_come_back_as_they_were(encoding: str) -> None:
    url = fresh_database(encoding)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
    index.build([SEEDS], index_dir=url, embedder="hashing")
    answer = Assistant(index_dir=url).retrieve("لماذا تعزّز القاهرة تعاونها العسكري مع بغداد؟", k=1)
    assert answer[0].title == "لماذا تعزّز القاهرة تعاونها العسكري مع بغداد؟"
