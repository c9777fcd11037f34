from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedders.profile import profile_of
from index.stores.base import Filter, Hit
from index.types import Document, FloatArray, Passage, Sentence
from rag.retrieval.confidence import Evidence, confidence
from rag.retrieval.fusion import keyword_penalties
from rag.retrieval.retrieve import retrieve
from rag.testing.doubles import document, tiny_index
from rag.testing.memory_index import MemoryIndex, MemoryStore

WEIGHTS, RANKING = profile_of("").confidence, profile_of("").ranking


def index_of(*texts: str) -> MemoryIndex:
    return tiny_index([document(f"d{n}", text, "en") for n, text in enumerate(texts)]).index


def test_the_best_passage_comes_first_with_every_stage_traced() -> None:
    index = index_of("The bridge is red.", "Factory 200 stands in Helwan.", "Cats sleep all day.")
    found = retrieve(index, "Where does Factory 200 stand?", 3)
    assert found.passages[0].passage.document_id == "d1"
    assert {stage: rank.rank for stage, rank in found.passages[0].ranks.items()} == {
        "dense": 1, "sentence": 1, "keyword": 1,
    }  # fmt: skip
    scores = [hit.score for hit in found.passages]
    assert scores == sorted(scores, reverse=True)
    assert found.passages[0].sentences[0].start == 0
    assert found.evidence is not None


def test_a_passage_that_only_keywords_find_is_scored_too() -> None:
    class Blind(MemoryStore):
        def dense(self, vector: object, k: int, where: Filter | None = None) -> list[Hit]:
            return []

    store = Blind()
    store.add(document("d0", "Factory 200 stands in Helwan.", "en"))
    store.add(document("d1", "Cats sleep.", "en"))
    found = retrieve(MemoryIndex(store), "Where does Factory 200 stand?", 2)
    assert [hit.passage.document_id for hit in found.passages] == ["d0"]
    assert found.passages[0].ranks["dense"].score > 0.2


def test_copies_do_not_crowd_out_the_rest() -> None:
    index = index_of(*["Factory 200 stands in Helwan."] * 8, "Factory 201 stands elsewhere.", "A factory stands here.")
    found = retrieve(index, "Where does Factory 200 stand?", 5)
    assert len(found.passages) == 5
    assert {hit.passage.document_id for hit in found.passages} >= {"d8", "d9"}
    only_copies = index_of(*["Factory 200 stands in Helwan."] * 8)
    assert len(retrieve(only_copies, "Where does Factory 200 stand?", 5).passages) == 5


def test_ties_go_to_the_language_of_the_question() -> None:
    index = tiny_index([document("xx", "Factory 200 stands.", "de"), document("yy", "Factory 200 stands.", "en")]).index
    found = retrieve(index, "Where is it that Factory 200 stands?", 2)
    assert [hit.passage.language for hit in found.passages] == ["en", "de"]


def test_filters_and_an_empty_index() -> None:
    index = index_of("Factory 200 stands in Helwan.", "Cats sleep.")
    found = retrieve(index, "Factory 200", 5, Filter(documents=("d1",)))
    assert [hit.passage.document_id for hit in found.passages] == ["d1"]
    empty = retrieve(MemoryIndex(MemoryStore()), "Factory", 5)
    assert empty.passages == ()
    assert empty.evidence is None


def test_passages_without_sentences_are_scored_by_themselves() -> None:
    store = MemoryStore()
    text = "Factory 200 stands in Helwan."
    vector = np.ones((1, store.dimension), np.float32) / np.sqrt(store.dimension)
    passage = Passage("d:0", "d", 0, len(text), text, "en", "")
    store.put(Document("d", "D", "d.md", "en", text), [passage], vector)
    found = retrieve(MemoryIndex(store), "Factory 200", 1)
    assert found.passages[0].sentences == ()


def test_only_sentences_of_the_passage_are_scored() -> None:
    store = MemoryStore()
    text = "One is here. Two is there."
    vectors = np.eye(2, store.dimension, dtype=np.float32)
    cuts = [Passage("d:0", "d", 0, 12, text[:12], "en", ""), Passage("d:1", "d", 13, 26, text[13:], "en", "")]
    store.put(Document("d", "D", "d.md", "en", text), cuts, vectors, [Sentence(0, 12), Sentence(13, 26)], vectors)
    for hit in retrieve(MemoryIndex(store), "One", 2).passages:
        assert all(hit.passage.start <= s.start < s.end <= hit.passage.end for s in hit.sentences)


rows = st.lists(st.tuples(st.floats(0, 2), st.sampled_from(["en", "ar", "zh"])), max_size=20)


@given(rows)
def test_keywords_reorder_within_a_language_and_never_between(found: list[tuple[float, str]]) -> None:
    shares, languages = [share for share, _ in found], [language for _, language in found]
    penalties = keyword_penalties(shares, languages, RANKING)
    assert all(penalty <= 0 for penalty in penalties)
    for language in set(languages):
        own = [n for n, each in enumerate(languages) if each == language]
        assert max(penalties[n] for n in own) == 0
        ordered = sorted(own, key=lambda n: shares[n])
        assert [penalties[n] for n in ordered] == sorted(penalties[n] for n in own)


unit = st.floats(-1, 1)


@given(unit, st.booleans(), st.floats(0, 1), st.floats(0, 0.5))
def test_confidence_is_a_probability_and_grows_with_similarity_and_coverage(
    similarity: float, same: bool, coverage: float, more: float
) -> None:
    base = confidence(Evidence(similarity, same, coverage), WEIGHTS)
    assert 0 <= base <= 1
    assert confidence(Evidence(similarity + more, same, coverage), WEIGHTS) >= base
    assert confidence(Evidence(similarity, same, coverage + more), WEIGHTS) >= base


def test_nothing_found_is_no_confidence() -> None:
    assert confidence(None, WEIGHTS) == 0.0
    assert confidence(Evidence(float(10**6), True, 0), WEIGHTS) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("question", "embedded"),
    [
        ("WHO BUILT THE BRIDGE OVER THE RIVER?", "Who built the bridge over the river?"),
        ("КТО ПОСТРОИЛ МОСТ ЧЕРЕЗ РЕКУ?", "Кто построил мост через реку?"),
        ("AOI", "AOI"),
        ("NATO HQ", "NATO HQ"),
        ("Who runs the AOI?", "Who runs the AOI?"),
        ("谁建造了这座桥?", "谁建造了这座桥?"),
        ("ПРО ЩО ЦЕ", "ПРО ЩО ЦЕ"),
    ],
)
def test_a_question_in_capitals_is_embedded_in_small_letters(question: str, embedded: str) -> None:
    class Listening(MemoryIndex):
        def embed_query(self, text: str) -> tuple[FloatArray, str]:
            heard.append(text)
            return super().embed_query(text)

    heard: list[str] = []
    retrieve(Listening(index_of("The bridge is red.").store), question, 1)
    assert heard == [embedded]


def test_the_sentence_that_answers_stands_out_in_its_passage() -> None:
    index = index_of("Factory 200 stands in Helwan. Cats sleep all day. Milk is white. Trams run every ten minutes.")
    asked = retrieve(index, "Where does Factory 200 stand?", 1).evidence
    vague = retrieve(index, "What is there to say about this town?", 1).evidence
    assert asked is not None
    assert vague is not None
    assert (asked.contrast or 0.0) > 2 * (vague.contrast or 0.0)
