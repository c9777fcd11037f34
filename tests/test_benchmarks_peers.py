"""Measures of other people's papers, on rankings made by hand: each value is worked out beside it."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path

import pytest

from benchmarks.data import Asked, Text
from benchmarks.kept import Kept
from benchmarks.memerag import Judged, balanced_accuracy, judged, memerag
from benchmarks.parallel import answering, parallel
from benchmarks.peers import lareqa
from benchmarks.pools import Bench
from benchmarks.preference import OUTCOMES, lang_ndcg, outcome, prefers_own, recall, target_languages_recall

GOLD = {"en:a", "de:a", "zh:a"}
RANKED = ["en:b", "de:a", "en:a", "de:c", "zh:b", "zh:a"]


def test_recall_counts_each_text_once() -> None:
    assert recall(RANKED, GOLD, 3) == pytest.approx(2 / 3)
    assert recall(["de:a", "de:a"], GOLD, 2) == pytest.approx(1 / 3)
    assert recall(RANKED, [], 3) is None


def test_target_languages_recall_leaves_the_question_s_language_out_of_the_gold_and_not_out_of_the_ranking() -> None:
    # Asked in English: de:a and zh:a are wanted; of these only de:a is among the first three of the whole ranking.
    assert target_languages_recall(RANKED, GOLD, "en", 3) == 0.5
    # A careless version that ranks the other languages alone would find zh:a at its third place.
    assert target_languages_recall(RANKED, GOLD, "en", 4) == 0.5
    assert target_languages_recall(RANKED, GOLD, "en", 6) == 1.0
    assert target_languages_recall(RANKED, GOLD, "de", 3) == 0.5
    assert target_languages_recall(RANKED, {"en:a"}, "en") is None


def test_the_preferred_language_is_that_of_the_first_right_text() -> None:
    assert prefers_own(RANKED, GOLD, "de") is True
    assert prefers_own(RANKED, GOLD, "en") is False  # en:b comes first, and is not right
    assert prefers_own(["en:b", "de:c"], GOLD, "en") is None


def test_only_the_question_s_language_gains() -> None:
    assert lang_ndcg(RANKED, GOLD, "en") == pytest.approx(1 / log2(4))
    assert lang_ndcg(RANKED, GOLD, "de") == pytest.approx(1 / log2(3))
    assert lang_ndcg(RANKED, GOLD, "zh", k=5) == 0.0


@pytest.mark.parametrize(
    ("ranked", "kind"), [(["en:a"], 0), (["de:a"], 1), (["en:b"], 2), (["de:b", "en:a"], 3), ([], 3)]
)
def test_the_first_text_is_one_of_four_outcomes(ranked: list[str], kind: int) -> None:
    assert outcome(ranked, GOLD, "en") == OUTCOMES[kind]


def test_the_sentence_that_answers_is_found_in_each_language_once() -> None:
    pieces = [
        Text("p#0", "en", "", "It opened."),
        Text("p#1", "en", "", "That was in 1903."),
        Text("p#2", "en", "", "In 1903 it rained."),
        Text("q#0", "en", "", "In 1903."),
        Text("p#0", "de", "", "Das war 1903."),
    ]
    asked = {
        code: [Asked("one", code, "?", ("1903",), frozenset({"p"})), Asked("two", code, "?", ("1904",), frozenset("p"))]
        for code in ("en", "de")
    }
    assert answering(pieces, asked) == {"one": {"en:p#1", "de:p#0"}, "two": set()}


XQUAD_R = {
    "el": ["Το 1903 έβρεξε.", "Άνοιξε το 1903.", "Έκλεισε το 1931."],
    "en": ["In 1903 it rained.", "It opened in 1903.", "It closed in 1931."],
    "th": ["ปี 1903 ฝนตก", "เปิดในปี 1903", "ปิดในปี 1931"],
}


def as_its_authors_publish_it(folder: Path) -> None:
    for code, lines in XQUAD_R.items():
        text = " ".join(lines)
        starts = [text.index(line) for line in lines]
        asked = [
            {
                "id": "one",
                "question": f"{code} open?",
                "answers": [{"answer_start": text.rindex("1903"), "text": "1903"}],
            },
            {
                "id": "two",
                "question": f"{code} close?",
                "answers": [{"answer_start": text.index("1931"), "text": "1931"}],
            },
        ]
        breaks = [[start, start + len(line)] for start, line in zip(starts, lines, strict=True)]
        row = {"context": text, "qas": asked, "sentence_breaks": breaks, "sentences": lines}
        whole = {"data": [{"paragraphs": [row], "title": "The_light"}], "version": "1.1"}
        (folder / f"{code}.json").write_text(json.dumps(whole), "utf-8")


def bench_of_xquad_r(place: Path) -> Bench:
    (place / "xquad-r").mkdir()
    as_its_authors_publish_it(place / "xquad-r")
    bench = Bench(place, place / "work", most=1, reader="none")
    bench.embedder = Kept("hashing", place / "hashed.sqlite")
    return bench


def test_xquad_r_is_read_as_it_is_published_in_all_languages_that_are_there(tmp_path: Path) -> None:
    found = parallel(bench_of_xquad_r(tmp_path))
    assert found.languages == ("el", "en", "th") and [len(some) for some in found.asked.values()] == [1, 1, 1]
    assert [one.text for one in found.pieces if one.language == "th"] == XQUAD_R["th"]
    assert {one.title for one in found.pieces} == {"The light"}
    # The year stands in the first sentence too: only its place says which one answers.
    second, third = ({f"{code}:xq-00-00#{number}" for code in XQUAD_R} for number in (1, 2))
    assert found.answers == {"one": second, "two": third}


@pytest.mark.slow
def test_its_table_says_who_cut_the_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lareqa(bench_of_xquad_r(tmp_path))
    output = capsys.readouterr().out
    assert "9 sentences, cut by their authors, in 3 languages" in output and "arXiv:2004.05484" in output


def test_balanced_accuracy_weighs_both_classes_alike() -> None:
    always = [(True, True)] * 9 + [(False, True)]
    assert balanced_accuracy(always) == 0.5  # plain accuracy would be 0.9
    assert balanced_accuracy([(True, True), (True, False), (False, False)]) == 0.75
    assert balanced_accuracy([(True, True)]) is None


def test_memerag_is_read_as_it_is_published_or_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.memerag.load_claim_reader", lambda _: None)  # rules and vectors are enough here
    folder = tmp_path / "memerag"
    memerag(Bench(tmp_path, tmp_path / "work"))
    assert "not measured" in capsys.readouterr().out
    folder.mkdir()
    said = [("It opened in 1903.", "Supported"), ("It burnt.", "Not Supported"), ("Hm.", "Challenging to determine")]
    answer = [{"sentence": text, "factuality": label, "sentence_id": n} for n, (text, label) in enumerate(said)]
    row = {
        "query_id": 1,
        "query": "When?",
        "context": [{"text": "It opened in 1903."}, {"text": "So."}],
        "comment": "one\u2028two",
        "answer": answer,
    }
    (folder / "en.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    passages = ("It opened in 1903.", "So.")
    assert list(judged(folder / "en.jsonl")) == [
        Judged("It opened in 1903.", passages, True),
        Judged("It burnt.", passages, False),
    ]
    bench = Bench(tmp_path, tmp_path / "work")
    bench.embedder = Kept("hashing", tmp_path / "hashed.sqlite")
    memerag(bench)
    output = capsys.readouterr().out
    assert "mean, reader bundled" in output and "100.0" in output
