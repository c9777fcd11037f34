"""The features of the confidence: what they see, and which way they move it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from index.embedders import load
from index.embedders.profile import profile_of
from index.types import Passage
from rag.retrieval.confidence import Evidence, confidence, logit
from rag.retrieval.evidence import background, gather
from rag.types import ScoredSentence

NEUTRAL = Path(rag.__file__).parent / "retrieval" / "neutral_sentences.npz"
WEIGHTS = profile_of(load().fingerprint).confidence


def odds(evidence: Evidence) -> float:
    return logit(evidence, WEIGHTS)


def evidence(question: str, language: str, found: list[Hit], titles: list[str]) -> Evidence | None:
    return gather(question, language, found, titles, 0.2, WEIGHTS)


@dataclass(frozen=True)
class Hit:
    """A passage that was found."""

    passage: Passage
    similarity: float = 0.3
    attenuation: float = 1.0
    mismatch: float = 0.0
    contrast: float | None = None
    sentences: tuple[ScoredSentence, ...] = ()


def hit(text: str, language: str = "en", similarity: float = 0.3, heading: str = "") -> Hit:
    return Hit(Passage(f"d#{text[:8]}", "d", 0, len(text), text, language, heading), similarity)


def test_numbers_are_found_in_any_script_and_in_titles() -> None:
    question, text = "Wie viele Boote lagen 1907 in Halle 12?", "في عام ١٩٠٧ كان الميناء خاليًا."
    found = evidence(question, "de", [hit(text, "ar")], [""])
    assert found is not None
    assert (found.shared_numbers, found.missing_numbers) == (1, 1)
    titled = evidence(question, "de", [hit("١٩٠٧", "ar")], ["Halle 12"])
    assert titled is not None
    assert (titled.shared_numbers, titled.missing_numbers) == (2, 0)


def test_the_passage_that_speaks_most_clearly_is_taken() -> None:
    question = "Who founded the harbour museum of Emden?"
    near = hit("The harbour museum of Emden was founded by Anna Behrens.", similarity=0.5)
    far = hit("Trams run every ten minutes.", similarity=0.2)
    for order in ([near, far], [far, near]):
        found = evidence(question, "en", order, ["", ""])
        assert found is not None
        assert found.similarity == 0.5
        assert found.coverage > 0.5
    assert evidence(question, "en", [], []) is None


def test_words_of_title_and_heading_tell_nothing_either_way() -> None:
    question = "Opening hours of the museum"
    bare = evidence(question, "en", [hit("Daily from nine to five.")], [""])
    under = gather(
        question, "en", [hit("Daily from nine to five.", heading="Opening hours")], ["The museum"], 0.2, WEIGHTS
    )
    repeated = gather(
        question, "en", [hit("The museum opening hours.", heading="Opening hours")], ["The museum"], 0.2, WEIGHTS
    )
    assert bare is not None
    assert under is not None
    assert repeated is not None
    assert repeated.coverage == under.coverage > bare.coverage
    assert under.coverage < WEIGHTS.typical_coverage  # "of" is not found


def test_a_question_that_only_names_the_subject_has_what_is_typical() -> None:
    found = evidence("The museum", "en", [hit("Daily from nine to five.")], ["The museum"])
    assert found is not None
    assert (found.coverage, found.best_coverage) == pytest.approx(
        (WEIGHTS.typical_coverage, WEIGHTS.typical_best_coverage)
    )


def test_what_is_asked_about_the_subject_is_looked_for_in_the_best_sentences() -> None:
    parts = ["Emden has a harbour.", "Anna Behrens founded it.", "It is closed on Mondays."]
    text = " ".join(parts)
    starts = [text.index(part) for part in parts]

    def best_coverage(scores: tuple[float, float, float]) -> float:
        marked = tuple(ScoredSentence(at, at + len(p), s) for at, p, s in zip(starts, parts, scores, strict=True))
        found = evidence("Who founded it?", "en", [replace(hit(text), sentences=marked)], [""])
        assert found is not None
        assert found.best_coverage is not None
        return found.best_coverage

    assert best_coverage((0.5, 0.6, 0.2)) > best_coverage((0.5, 0.2, 0.6))


def test_of_two_passages_the_one_that_tells_more_is_surer() -> None:
    silent, telling = (Evidence(0.4, True, 0.5, best_coverage=share) for share in (0.2, 0.8))
    assert odds(telling) > odds(silent)
    across = [odds(Evidence(0.4, False, 0.5, best_coverage=share)) for share in (0.2, 0.8)]
    assert across[0] == across[1]


def test_a_sentence_that_stands_out_speaks_for_an_answer_in_any_language() -> None:
    for same in (True, False):
        even, peak = (Evidence(0.3, same, 0.5, contrast=by) for by in (0.02, 0.3))
        assert odds(peak) > odds(even)


def test_a_passage_of_one_sentence_stands_out_as_is_typical() -> None:
    alone, among = hit("Anna Behrens founded it."), replace(hit("Trams run. Anna Behrens founded it."), contrast=0.3)
    for one, expected in ((alone, None), (among, 0.3)):
        found = evidence("Wer hat es gegründet?", "de", [one], [""])
        assert found is not None
        assert found.contrast == expected
    usual = odds(Evidence(0.3, True, 0.5, contrast=WEIGHTS.typical_contrast))
    assert odds(Evidence(0.3, True, 0.5)) == usual


@given(st.floats(-1, 1), st.booleans(), st.integers(0, 9), st.integers(0, 9), st.floats(0, 0.5), st.floats(0.5, 2))
def test_each_feature_moves_the_confidence_one_way(
    similarity: float, same: bool, shared: int, missing: int, against: float, attenuation: float
) -> None:
    base = Evidence(similarity, same, 0.5, 0.0, shared, missing, against, attenuation)
    assert odds(Evidence(similarity, same, 0.5, 0.0, shared + 1, missing, against, attenuation)) >= logit(base, WEIGHTS)
    assert odds(Evidence(similarity, same, 0.5, 0.0, shared, missing + 1, against, attenuation)) <= logit(base, WEIGHTS)
    assert odds(Evidence(similarity, same, 0.5, 0.0, shared, missing, against + 0.1, attenuation)) < logit(
        base, WEIGHTS
    )
    assert odds(Evidence(similarity, same, 0.5, 0.0, shared, missing, against, attenuation + 0.1)) >= logit(
        base, WEIGHTS
    )
    assert 0 <= confidence(base, WEIGHTS) <= 1


def test_how_far_apart_languages_are_counts_only_within_what_was_fitted() -> None:
    usual, beyond, far_beyond = (odds(Evidence(0.3, False, 0.0, attenuation=factor)) for factor in (1.1, 1.6, 2.0))
    assert usual < beyond == far_beyond
    assert beyond - usual < 0.5


def test_a_question_that_is_near_to_everything_has_a_higher_background() -> None:
    embedder = load("bundled")
    rows = np.random.default_rng(0).standard_normal((3, embedder.dimension)).astype(np.float32)
    random = [background(embedder.fingerprint, row / np.linalg.norm(row)) or 0.0 for row in rows]
    neutral = np.load(NEUTRAL, allow_pickle=False)["vectors"][0].astype(np.float32)
    nearest = background(embedder.fingerprint, neutral / np.linalg.norm(neutral))
    assert nearest is not None
    assert nearest > max(random)


def test_another_model_has_the_typical_background() -> None:
    assert background("another model", np.zeros(384, np.float32)) is None
    usual = odds(Evidence(0.3, True, 0.5, background=WEIGHTS.typical_background))
    assert odds(Evidence(0.3, True, 0.5)) == usual


def test_a_passage_that_lacks_the_number_asked_for_gives_way_to_one_that_holds_it() -> None:
    question = "How many boats does the harbour of Emden have?"
    vague = replace(hit("The harbour of Emden has many boats.", similarity=0.42), mismatch=0.95)
    exact = hit("Im Hafen von Emden liegen 41 Boote.", "de", similarity=0.45)
    found = evidence(question, "en", [vague, exact], ["", ""])
    assert found is not None
    assert found.mismatch == 0.0


@pytest.mark.parametrize(
    ("asked", "told_in", "text", "one"),
    [
        ("en", "und", "WCBL FM 99.1 Grand Rivers WSON 860 Henderson", True),  # names alone don't tell their language
        ("und", "en", "The harbour museum was founded in 1907.", True),
        ("en", "und", "1907 1908 1909", True),
        ("ar", "und", "WCBL FM 99.1 Grand Rivers WSON 860 Henderson", False),
        ("en", "und", "أحمد حسن علي", False),
        ("en", "de", "Das Hafenmuseum wurde 1907 gegründet.", False),
        ("en", "en", "أحمد حسن علي", True),
    ],
)
def test_where_a_language_is_not_known_the_scripts_tell(asked: str, told_in: str, text: str, one: bool) -> None:
    question = "متى تأسس المتحف؟" if asked == "ar" else "When was the museum founded?"
    found = evidence(question, asked, [hit(text, told_in)], [""])
    assert found is not None
    assert found.same_language is one
