"""Judgements of answers: kept, bounded, and read back as an evaluation set."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from index.errors import StoreError
from rag.evaluation.measures import read_questions
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import chat_site
from ui.service.library.library import Library, Rights
from ui.service.watching.feedback import Feedback, export
from ui.view.cards import TurnCard, turn_of
from ui.view.records import turn_to_json


def record(question: str = "Where is Factory 200?", turn: str = "t1") -> str:
    return turn_to_json(turn_of(FakeAssistant().answer(question), turn, 0.1))


def test_judgements_become_questions_that_rag_eval_reads(tmp_path: Path) -> None:
    kept = Feedback(tmp_path)
    kept.add(record(), "good", "")
    kept.add(record("ماذا قال المتحدث؟\u2028", "t2"), "bad", "incomplete")
    kept.add(record("How far is the moon?", "t3"), "good", "")
    kept.add(record("How far is the moon, again?", "t4"), "bad", "refused")
    rows = list(export(tmp_path))
    (tmp_path / "set.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    good, bad, refusal, missed = read_questions(tmp_path / "set.jsonl")
    assert good.answers[0] == "Factory 200 stands in Helwan, south of Cairo." and good.answerable
    assert good.relevant == {"egypt-iraq-defense-industry", "masr-aliraq-taawun-askari"}
    assert (bad.text, bad.answers, bad.answerable) == ("ماذا قال المتحدث؟\u2028", (), True)
    assert not refusal.answerable and missed.answerable
    assert [row["reason"] for row in rows] == ["", "incomplete", "", "refused"]
    assert len({row["id"] for row in rows}) == 4


def test_the_last_judgement_of_an_answer_counts(tmp_path: Path) -> None:
    kept = Feedback(tmp_path)
    kept.add(record(), "good", "")
    kept.add(record(), "bad", "")
    kept.add(record(), "bad", "wrong")
    assert [(row["rating"], row["reason"]) for row in export(tmp_path)] == [("bad", "wrong")]


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    kept = Feedback(tmp_path)
    huge = turn_to_json(replace(TurnCard("t", "q", "answered"), text="x" * 100_000))
    for args in (("{}", "good", ""), (record(), "fine", ""), (record(), "bad", "<b>"), (huge, "good", "")):
        with pytest.raises(ValueError):
            kept.add(*args)
    assert list(export(tmp_path)) == []


def test_the_file_is_bounded_and_survives_a_cut_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Feedback(tmp_path)
    kept.add(record(), "good", "")
    with (tmp_path / "feedback.jsonl").open("ab") as file:
        file.write(b'{"turn": "t9", "que\n[]\n\xff\n')
    kept.add(record(turn="t2"), "good", "")
    assert len(list(export(tmp_path))) == 2
    monkeypatch.setattr("ui.service.watching.feedback._MOST_BYTES", 5_000)
    with pytest.raises(StoreError, match="rag feedback"):
        for number in range(100):
            kept.add(record(turn=f"t{number}"), "good", "")
    assert (tmp_path / "feedback.jsonl").stat().st_size <= 5_000


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    kept = Feedback(tmp_path)
    threads = [threading.Thread(target=kept.add, args=(record(turn=f"t{n}"), "good", "")) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(export(tmp_path))) == 50


@pytest.mark.slow
def test_the_route_keeps_and_refuses(tmp_path: Path) -> None:
    with chat_site(library=Library(tmp_path, Rights(local=True))) as site:
        url = f"{site.url}/chat/feedback"
        assert httpx.post(url, json={"record": record(), "rating": "good", "reason": ""}).json() == {"kept": True}
        for body in (
            {},
            {"record": "x", "rating": "good", "reason": ""},
            {"record": 1, "rating": "good", "reason": ""},
        ):
            assert httpx.post(url, json=body).status_code == 422
        assert httpx.post(url, content=b"[" * 10_000).status_code == 400
        foreign = {"origin": "https://evil.example"}
        assert httpx.post(url, json={}, headers=foreign).status_code == 403
    assert len(list(export(tmp_path))) == 1
