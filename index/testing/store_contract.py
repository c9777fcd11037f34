"""What every store must keep, whatever its engine: subclass `StoreContract` and say how to make one.

A writer takes documents; the store that readers see comes from `reader`. For an engine whose stores are read and
written at once both are the same object.
"""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import ConfigError, StoreError
from index.stores.base import Filter
from index.testing.store_documents import DIMENSION, cut, document, put, unit
from index.testing.store_filters import FILTERS, some
from index.types import Passage

__all__ = ["DIMENSION", "StoreContract", "cut", "document", "put", "unit"]

# The fixture only makes folders, and every engine runs the same test, each under its own class.
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
ABOUT = {"author": "Mei Lin", "topics": ["Open sea", "light"]}


class StoreContract:
    """The tests; `writer(folder)` makes an empty store to write to, `reader(writer)` what readers see of it."""

    def writer(self, folder: Path) -> Any:
        raise NotImplementedError

    def reader(self, writer: Any) -> Any:
        raise NotImplementedError

    @pytest.fixture
    def filled(self, tmp_path: Path) -> Any:
        writer = self.writer(tmp_path)
        put(writer, document("en", "the quick brown fox jumps over the lazy dog", date="2019-05-02"), seed=1)
        arabic = document("ar", "العربية لغة جميلة وواسعة الانتشار", language="ar", source="other/ar.txt", **ABOUT)
        put(writer, arabic, seed=2)
        put(writer, document("late", "a fox in the snow", date="2021", source="folder/sub/late.txt"), seed=3)
        store = self.reader(writer)
        yield store
        store.close()

    def test_gives_back_what_was_stored(self, tmp_path: Path) -> None:
        writer, doc = self.writer(tmp_path), document("d", "one two three four five six", pages=[0, 5], topics=["x"])
        passages = put(writer, doc)
        store = self.reader(writer)
        assert store.document("d") == doc
        assert store.passages(store.keys("d")) == passages
        assert len(store) == len(passages)
        assert store.dimension == DIMENSION

    def test_an_unknown_document_is_an_error_and_has_no_keys(self, filled: Any) -> None:
        assert filled.keys("nobody") == []
        with pytest.raises(StoreError, match="nobody"):
            filled.document("nobody")
        with pytest.raises(StoreError):
            filled.passages([987_654])
        for name in ("en\ud800", "en\x00", ""):  # what JSON can hold and a database can't
            assert filled.keys(name) == []
            with pytest.raises(StoreError):
                filled.document(name)

    def test_documents_come_in_the_order_of_their_sources(self, filled: Any) -> None:
        assert list(filled.document_ids()) == ["en", "late", "ar"]

    def test_replacing_leaves_nothing_of_the_former(self, tmp_path: Path) -> None:
        writer = self.writer(tmp_path)
        put(writer, document("d", "elephants and giraffes " * 5))
        put(writer, document("d", "only zebras"))
        store = self.reader(writer)
        assert [passage.text for passage in store.passages(store.keys("d"))] == ["only zebras"]
        assert not store.keyword("elephants", 5).hits
        assert len(store.dense(unit(1)[0], 50)) == 1

    def test_deleting_leaves_nothing_and_an_unknown_id_is_no_error(self, tmp_path: Path) -> None:
        writer = self.writer(tmp_path)
        put(writer, document("d", "elephants"))
        put(writer, document("e", "zebras"))
        writer.delete("d")
        writer.delete("nobody")
        store = self.reader(writer)
        assert list(store.document_ids()) == ["e"]
        assert not store.keyword("elephants", 5).hits
        assert len(store) == 1

    def test_dense_agrees_with_the_exact_product(self, tmp_path: Path) -> None:
        writer = self.writer(tmp_path)
        for number in range(12):
            put(writer, document(f"d{number}", "word " * 30), seed=number)
        store = self.reader(writer)
        keys = [key for name in store.document_ids() for key in store.keys(name)]
        vectors = store.vectors(keys)
        for query in unit(20, 77):
            hits = store.dense(query, 7)
            expected = np.sort(vectors @ query)[::-1][:7]
            assert [hit.score for hit in hits] == pytest.approx(expected.tolist(), abs=2e-3)
            best = {keys[at] for at in np.argsort(-(vectors @ query))[:5]}
            assert best <= {hit.key for hit in hits}

    def test_vectors_are_those_that_were_given(self, tmp_path: Path) -> None:
        writer, doc = self.writer(tmp_path), document("d", "word " * 30)
        put(writer, doc, seed=5)
        store = self.reader(writer)
        keys = store.keys("d")
        assert np.allclose(store.vectors(keys), unit(len(keys), 5), atol=2e-3)
        assert np.allclose(store.vectors(keys[::-1]), unit(len(keys), 5)[::-1], atol=2e-3)
        assert store.vectors([]).shape == (0, DIMENSION)

    def test_dense_gives_no_more_than_there_is(self, filled: Any) -> None:
        assert len(filled.dense(unit(1)[0], 1000)) == len(filled)
        assert filled.dense(unit(1)[0], 0) == []

    def test_a_vector_of_another_length_is_refused(self, filled: Any) -> None:
        with pytest.raises(StoreError):
            filled.dense(np.ones(DIMENSION + 1, np.float32), 3)

    def test_shapes_that_do_not_fit_are_refused(self, tmp_path: Path) -> None:
        writer, doc = self.writer(tmp_path), document("d", "word " * 30)
        passages, _ = cut(doc, 20)
        with pytest.raises(StoreError):
            writer.put(doc, passages, unit(len(passages) + 1))

    def test_a_passage_that_is_not_in_its_document_is_refused(self, tmp_path: Path) -> None:
        writer, doc = self.writer(tmp_path), document("d", "what is written")
        wrong = Passage("d:0", "d", 0, 4, "That", "en", "")
        with pytest.raises(StoreError):
            writer.put(doc, [wrong], unit(1))

    def test_keywords_find_the_passage_that_holds_them_first(self, filled: Any) -> None:
        found = filled.keyword("lazy dogs", 3)
        assert filled.passages([found.hits[0].key])[0].document_id == "en"
        assert found.hits[0].score > 0
        assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)

    def test_the_ceiling_is_near_the_score_of_a_passage_with_every_term(self, filled: Any) -> None:
        whole, part = filled.keyword("lazy", 3), filled.keyword("lazy xylophone", 3)
        assert whole.ceiling == pytest.approx(whole.hits[0].score, rel=0.6)
        assert part.hits[0].score == pytest.approx(whole.hits[0].score)
        assert part.ceiling > 2 * whole.ceiling
        nothing = filled.keyword("xylophone", 3)
        assert (nothing.hits, nothing.ceiling) == ((), 0.0)
        assert filled.keyword("", 3).ceiling == 0.0

    @pytest.mark.parametrize(
        ("where", "expected"),
        FILTERS,
    )
    def test_filters_let_through_what_they_say(self, filled: Any, where: Filter, expected: set[str]) -> None:
        def found(hits: Any) -> set[str]:
            return {passage.document_id for passage in filled.passages([hit.key for hit in hits])}

        assert found(filled.dense(unit(1)[0], 50, where)) == expected
        words = "fox العربية لغة"
        assert found(filled.keyword(words, 50, where).hits) == expected
        let_through = [passage for name in expected for passage in filled.passages(filled.keys(name))]
        assert filled.languages(where) == Counter(passage.language for passage in let_through)

    def test_a_set_may_name_more_documents_than_a_statement_takes_values(self, filled: Any) -> None:
        many = [f"document {number}" for number in range(40_000)]
        for where in (Filter(documents=(*many, "late")), Filter(among=(some("late", *many),))):
            assert list(filled.languages(where)) == ["en"]

    def test_what_a_collection_holds_is_not_for_a_store_to_know(self, filled: Any) -> None:
        where = Filter(collections=("reports",))
        with pytest.raises(ConfigError, match="reports"):
            filled.dense(unit(1)[0], 5, where)
        with pytest.raises(ConfigError, match="reports"):
            filled.languages(where)

    def test_a_filter_leaves_scores_as_they_are(self, filled: Any) -> None:
        query, where = unit(1, 9)[0], Filter(documents=("late",))
        everything = {hit.key: hit.score for hit in filled.dense(query, 50)}
        assert all(everything[hit.key] == pytest.approx(hit.score) for hit in filled.dense(query, 50, where))
        assert filled.keyword("fox", 9, where).ceiling == filled.keyword("fox", 9).ceiling

    def test_sentences_of_a_passage_lie_within_it(self, filled: Any) -> None:
        for name in filled.document_ids():
            for key in filled.keys(name):
                (passage,) = filled.passages([key])
                ((found, vectors),) = filled.sentences([key])
                assert found
                assert vectors.shape == (len(found), DIMENSION)
                assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
                assert all(passage.start <= each.start < each.end <= passage.end for each in found)

    def test_sentence_vectors_are_those_that_were_given(self, tmp_path: Path) -> None:
        writer = self.writer(tmp_path)
        put(writer, document("first", "some text to come before"), seed=3)
        doc = document("d", "word " * 30)
        put(writer, doc, seed=5)
        put(writer, document("last", "some text to come after"), seed=4)
        store = self.reader(writer)
        _, sentences = cut(doc, 20)
        given_vectors = dict(zip(sentences, unit(len(sentences), 1005), strict=True))
        for key in store.keys("d"):
            ((found, vectors),) = store.sentences([key])
            for each, vector in zip(found, vectors, strict=True):
                assert float(vector @ given_vectors[each]) > 0.999

    def test_sentences_of_many_passages_come_in_the_order_of_their_keys(self, filled: Any) -> None:
        keys = [key for name in filled.document_ids() for key in filled.keys(name)][::-1]
        together = filled.sentences([*keys, keys[0]])
        for key, (found, vectors) in zip([*keys, keys[0]], together, strict=True):
            ((alone, rows),) = filled.sentences([key])
            assert found == alone
            assert np.array_equal(vectors, rows)
        assert filled.sentences([]) == []
        with pytest.raises(StoreError):
            filled.sentences([keys[0], 987_654])

    def test_headers_are_those_of_the_documents(self, filled: Any) -> None:
        headers = filled.headers(["late", "en", "late"])
        assert set(headers) == {"late", "en"}
        for name, header in headers.items():
            whole = filled.document(name)
            expected = (name, whole.title, whole.source, whole.language, whole.metadata)
            assert (header.id, header.title, header.source, header.language, header.metadata) == expected
        assert filled.headers([]) == {}
        with pytest.raises(StoreError, match="nobody"):
            filled.headers(["en", "nobody"])

    def test_languages_are_counted_by_passages(self, filled: Any) -> None:
        counted: dict[str, int] = {}
        for name in filled.document_ids():
            for passage in filled.passages(filled.keys(name)):
                counted[passage.language] = counted.get(passage.language, 0) + 1
        assert filled.languages() == counted
        assert list(filled.languages().values()) == sorted(counted.values(), reverse=True)

    def test_without_sentences_there_are_none(self, tmp_path: Path) -> None:
        writer, doc = self.writer(tmp_path), document("d", "word")
        writer.put(doc, [Passage("d:0", "d", 0, 4, "word", "en", "")], unit(1))
        store = self.reader(writer)
        ((found, vectors),) = store.sentences(store.keys("d"))
        assert (found, vectors.shape) == ([], (0, DIMENSION))

    def test_many_threads_get_the_same_answers(self, filled: Any) -> None:
        queries, wrong = unit(30, 4), []
        expected = [filled.dense(query, 5) for query in queries]

        def ask() -> None:
            for query, hits in zip(queries, expected, strict=True):
                if filled.dense(query, 5) != hits or not filled.keyword("fox", 3).hits:
                    wrong.append(query)
                filled.passages([hit.key for hit in hits])

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong

    def test_closing_twice_is_no_error(self, filled: Any) -> None:
        filled.close()
        filled.close()

    @settings(max_examples=25, deadline=None, suppress_health_check=_SHARED)
    @given(data=st.data())
    def test_any_text_comes_back_as_it_was(self, data: st.DataObject, tmp_path_factory: Any) -> None:
        texts = data.draw(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=4))
        size = data.draw(st.integers(1, 30))
        writer, stored = self.writer(tmp_path_factory.mktemp("any")), {}
        for number, text in enumerate(texts):
            doc = document(f"d{number}", text, note=text, date=text)
            stored[doc.id] = (doc, put(writer, doc, size, number))
        store = self.reader(writer)
        for name, (doc, passages) in stored.items():
            assert store.document(name) == doc
            assert store.passages(store.keys(name)) == passages
            assert all(doc.text[each.start : each.end] == each.text for each in passages)
        store.keyword(data.draw(st.text(max_size=40)), 5)
        store.close()
