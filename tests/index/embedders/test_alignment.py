"""Alignment: languages fall away, topics stay; on synthetic vectors whose languages and topics are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from index.embedders.alignment import language_table
from index.embedders.alignment.language_table import bundled_table
from index.embedders.alignment.vectors import Alignment
from index.errors import StoreError

D = 64
LANGUAGES = ("ar", "de", "en", "es", "ru", "zh")
FINGERPRINT = "synthetic/1"


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


class World:
    """Texts = what they say + topic + language; questions have language vectors of their own."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.rng = rng
        self.query = dict(zip(LANGUAGES, 1.2 * unit(rng.normal(size=(6, D))), strict=True))
        drift = 0.5 * unit(rng.normal(size=(6, D)))
        self.passage = {code: self.query[code] + drift[at] for at, code in enumerate(LANGUAGES)}
        self.topic = 0.6 * unit(rng.normal(size=(6, D)))

    def say(self, n: int):
        return unit(self.rng.normal(size=(n, D)))

    def passages(self, said, languages, topics=None):
        topic = 0 if topics is None else self.topic[topics]
        return unit(said + topic + np.stack([self.passage[code] for code in languages]))

    def questions(self, said, languages, topics=None):
        topic = 0 if topics is None else self.topic[topics]
        noise = 0.6 * unit(self.rng.normal(size=said.shape))
        return unit(said + noise + topic + np.stack([self.query[code] for code in languages]))


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A world whose language vectors are the package's table."""
    made = World()
    queries = np.stack([made.questions(made.say(300), [code] * 300).mean(0) for code in LANGUAGES])
    passages = np.stack([made.passages(made.say(300), [code] * 300).mean(0) for code in LANGUAGES])
    path = tmp_path / "languages.npz"
    np.savez(
        path,
        languages=np.array(LANGUAGES),
        provenance=np.array(json.dumps({"fingerprint": FINGERPRINT})),
        query=queries.astype(np.float16),
        passage=passages.astype(np.float16),
        agreement=np.where(np.eye(6) > 0, 0.9, 0.6).astype(np.float16),
        weights=(2 * queries).astype(np.float16),
        bias=-(queries**2).sum(1).astype(np.float32),
    )
    monkeypatch.setattr(language_table, "_FILE", path)
    bundled_table.cache_clear()
    yield made
    bundled_table.cache_clear()


def hits(alignment, passages, languages, questions, asked, gold):
    rows = alignment.align_passages(passages, languages)
    found = [alignment.align_query(q, code)[0] for q, code in zip(questions, asked, strict=True)]
    return float((np.stack(found) @ rows.T).argmax(1).__eq__(gold).mean())


def setting(world, languages, topics=None, asked=None):
    n = len(languages)
    said = world.say(n)
    asked = asked or [LANGUAGES[at % 6] for at in range(n)]
    return world.passages(said, languages, topics), world.questions(said, asked, topics), asked, np.arange(n)


def test_questions_find_passages_in_other_languages(world):
    languages = [str(code) for code in world.rng.choice(LANGUAGES, 240)]
    passages, questions, asked, gold = setting(world, languages)
    plain = hits(Alignment.identity(D), passages, languages, questions, asked, gold)
    known = hits(Alignment.fit(FINGERPRINT, passages, languages), passages, languages, questions, asked, gold)
    other = hits(Alignment.fit("another/model", passages, languages), passages, languages, questions, asked, gold)
    assert plain < 0.6
    assert known > plain + 0.2
    assert other > plain + 0.1


def test_a_corpus_whose_languages_have_one_topic_each_is_not_harmed(world):
    topics = world.rng.integers(0, 6, 120)
    languages = [LANGUAGES[topic] for topic in topics]
    passages, questions, asked, gold = setting(world, languages, topics)
    prior = hits(Alignment.fit(FINGERPRINT, passages[:0], []), passages, languages, questions, asked, gold)
    fitted = hits(Alignment.fit(FINGERPRINT, passages, languages), passages, languages, questions, asked, gold)
    other = hits(Alignment.fit("another/model", passages, languages), passages, languages, questions, asked, gold)
    plain = hits(Alignment.identity(D), passages, languages, questions, asked, gold)
    assert fitted > prior - 0.03
    assert fitted > plain + 0.2
    assert other > plain - 0.03


@pytest.mark.parametrize("fingerprint", [FINGERPRINT, "another/model"])
def test_within_one_language_nothing_is_lost(world, fingerprint):
    languages = ["en"] * 200
    passages, questions, asked, gold = setting(world, languages, asked=languages)
    plain = hits(Alignment.identity(D), passages, languages, questions, asked, gold)
    fitted = hits(Alignment.fit(fingerprint, passages, languages), passages, languages, questions, asked, gold)
    assert fitted > plain - 0.03


@pytest.mark.parametrize("fingerprint", [FINGERPRINT, "another/model"])
@pytest.mark.parametrize("rare", ["es", "sw", "am", "qqq"])
def test_one_passage_in_a_rare_language_is_still_found_and_hides_no_other(world, fingerprint, rare):
    languages = ["en"] * 200
    passages, questions, asked, gold = setting(world, languages, asked=languages)
    languages[17] = rare
    alone = hits(Alignment.fit(fingerprint, passages, ["en"] * 200), passages, ["en"] * 200, questions, asked, gold)
    fitted = Alignment.fit(fingerprint, passages, languages)
    assert hits(fitted, passages, languages, questions, asked, gold) > alone - 0.03
    assert np.isfinite(fitted.align_passages(passages, languages)).all()


def test_languages_outside_the_table_take_the_mean_of_their_script(world):
    alignment = Alignment.fit(FINGERPRINT, np.zeros((0, D), np.float32), [])
    vector = world.say(1)
    table = bundled_table(FINGERPRINT)
    latin = table.passages[[table.row_of[code] for code in ("de", "en", "es")]].mean(0)
    assert np.allclose(alignment.align_passages(vector, ["sw"]), unit(vector - latin), atol=2e-3)
    everything = table.passages[:6].mean(0)
    assert np.allclose(alignment.align_passages(vector, ["am"]), unit(vector - everything), atol=2e-3)
    assert np.allclose(alignment.align_passages(vector, ["und"]), unit(vector - everything), atol=2e-3)


def test_the_vector_tells_the_language_where_letters_do_not(world):
    alignment = Alignment.fit(FINGERPRINT, np.zeros((0, D), np.float32), [])
    right = [alignment.align_query(world.questions(world.say(1), [code])[0])[1] == code for code in LANGUAGES * 20]
    assert np.mean(right) > 0.9
    german = world.questions(world.say(1), ["de"])[0]
    assert alignment.language_of("2024?", german) == "de"
    assert alignment.language_of("Wer leitet die Organisation?", german) == "de"
    assert alignment.language_of("Как дела?", german) == "ru"  # the script outweighs the vector
    assert Alignment.identity(D).language_of("2024?", german) == "und"


def test_a_language_that_is_named_is_not_the_one_asked_in(world):
    """The name of a language draws the vector of a question towards it."""
    alignment = Alignment.fit(FINGERPRINT, np.zeros((0, D), np.float32), [])
    german = 20 * world.questions(world.say(1), ["de"])[0]  # speaks much more clearly than the letters do
    assert alignment.language_of("Which documents are on the shelf?", german) == "de"
    assert alignment.language_of("Which documents are in German?", german) == "en"
    assert alignment.language_of("¿Qué documentos están en alemán?", german) == "es"


def test_more_passages_of_a_language_count_more(world):
    moved = []
    for n in (1, 30, 1000):
        passages = unit(world.passages(world.say(n), ["de"] * n) + world.topic[0])
        fitted = Alignment.fit(FINGERPRINT, passages, ["de"] * n)
        row = fitted.languages.index("de")
        moved.append(float(np.linalg.norm(fitted.passages[row] - bundled_table(FINGERPRINT).passages[1])))
    assert moved[0] < 0.1 * moved[2]
    assert moved[0] < moved[1] < moved[2]


def test_identity_changes_nothing_and_results_are_unit_rows(world):
    vectors = world.say(5)
    alignment = Alignment.identity(D)
    assert np.allclose(alignment.align_passages(vectors, ["en"] * 5), vectors, atol=1e-6)
    assert np.allclose(alignment.align_query(vectors[0], "en")[0], vectors[0], atol=1e-6)
    assert alignment.align_passages(np.zeros((0, D), np.float32), []).shape == (0, D)
    fitted = Alignment.fit(FINGERPRINT, vectors, ["en"] * 5)
    found = fitted.align_passages(vectors, ["en", "de", "und", "sw", "zh-Hant"])
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    at_the_mean = fitted.passages[fitted.languages.index("en")].astype(np.float32)[None]
    assert np.isfinite(fitted.align_passages(at_the_mean, ["en"])).all()


def test_sentences_have_means_of_their_own(world):
    languages = ["de", "en"] * 100
    passages = world.passages(world.say(200), languages)
    sentences = unit(passages + world.topic[0])
    fitted = Alignment.fit(FINGERPRINT, passages, languages, sentences, languages)
    assert np.array_equal(fitted.passages, Alignment.fit(FINGERPRINT, passages, languages).passages)
    apart = fitted.align_sentences(sentences, languages).mean(0) @ world.topic[0]
    assert apart < fitted.align_passages(sentences, languages).mean(0) @ world.topic[0]
    alike = Alignment.fit(FINGERPRINT, passages, languages)
    assert np.array_equal(alike.sentences, alike.passages)


def test_attenuation_takes_from_the_own_language(world):
    alignment = Alignment.fit(FINGERPRINT, world.say(2), ["en", "sw"])
    own, cross, rare, outside, same = alignment.attenuation("en", ["en", "de", "sw", "qqq", "en-GB"])
    assert own == same < cross < rare
    assert rare == outside
    assert alignment.attenuation("qqq", ["qqq"])[0] < alignment.attenuation("qqq", ["rrr"])[0]
    assert alignment.attenuation("en", []).shape == (0,)
    other = Alignment.fit("another/model", world.say(3), ["en", "de", "sw"])
    assert np.array_equal(other.attenuation("en", ["en", "de", "qqq"]), np.ones(3, np.float32))
    assert np.array_equal(Alignment.identity(D).attenuation("en", ["en", "de"]), np.ones(2, np.float32))


def test_saved_and_loaded_it_is_the_same(world, tmp_path):
    vectors = world.passages(world.say(40), ["en", "de"] * 20)
    fitted = Alignment.fit(FINGERPRINT, vectors, ["en", "de"] * 20)
    fitted.save(tmp_path / "alignment.npz")
    loaded = Alignment.load(tmp_path / "alignment.npz", FINGERPRINT)
    assert loaded.digest == fitted.digest == Alignment.fit(FINGERPRINT, vectors, ["en", "de"] * 20).digest
    assert fitted.digest != Alignment.fit(FINGERPRINT, vectors, ["en", "ru"] * 20).digest
    assert np.array_equal(
        loaded.align_passages(vectors, ["en", "de"] * 20), fitted.align_passages(vectors, ["en", "de"] * 20)
    )
    assert loaded.align_query(vectors[0])[1] == fitted.align_query(vectors[0])[1]


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 broken"])
def test_a_damaged_file_is_reported(tmp_path, content):
    path = tmp_path / "alignment.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=r"alignment\.npz"):
        Alignment.load(path, FINGERPRINT)


def test_another_format_and_missing_parts_are_reported(tmp_path, world):
    path = tmp_path / "alignment.npz"
    np.savez(path, format=np.array(99))
    with pytest.raises(StoreError, match="format"):
        Alignment.load(path, FINGERPRINT)
    np.savez(path, format=np.array(1))
    with pytest.raises(StoreError, match="can't be read"):
        Alignment.load(path, FINGERPRINT)


def test_the_shipped_table_says_where_it_comes_from():
    with np.load(language_table._FILE, allow_pickle=False) as stored:
        provenance = json.loads(str(stored["provenance"]))
        languages = [str(code) for code in stored["languages"]]
        assert stored["query"].shape == stored["passage"].shape == (len(languages), 384)
    assert language_table._FILE.stat().st_size < 300_000
    assert len(languages) >= 110
    assert {"fingerprint", "data", "data_licence", "sentences", "date"} <= provenance.keys()
    assert min(provenance["sentences"].values()) >= 200
    assert bundled_table(provenance["fingerprint"]).listed == set(languages)
    assert bundled_table("another/model") is None


def test_the_shipped_table_is_of_the_default_model():
    from index.embedders import load

    embedder = load("bundled")
    assert bundled_table(embedder.fingerprint) is not None
    alignment = Alignment.fit(embedder.fingerprint, np.zeros((0, 384), np.float32), [])
    english, german = embedder.embed_passages(["The weather is fine.", "Das Wetter ist schön."])
    other = embedder.embed_passages(["Das Parlament stimmte ab."])[0]
    before = english @ german - german @ other
    a, b, c = alignment.align_passages(np.stack([english, german, other]), ["en", "de", "de"])
    assert a @ b - b @ c > before + 0.1
