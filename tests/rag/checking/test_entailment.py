from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ConfigError
from rag import AnswerConfig, Assistant
from rag.checking.entailment import CrossEncoderJudge, Relation, check_spec, load_judge
from rag.checking.support import check
from rag.testing.doubles import FakeLLM, document, tiny_index
from tests.harness.small_models import save_cross_encoder

CLAIM, QUOTE = "The minister travelled to Baghdad by train.", "He went to the Iraqi capital, and took the railway."


def test_a_relation_takes_the_place_of_similarity() -> None:
    judged = {
        relation: check(CLAIM, QUOTE, similarity=0.5, relation=relation)
        for relation in ("entailment", "neutral", "contradiction")
    }
    assert judged == {"entailment": "supported", "neutral": "partly", "contradiction": "not found"}


def test_a_relation_never_makes_a_number_or_a_denial_good() -> None:
    assert check("It was 12 %.", "It was 45 %.", relation="entailment", same_language=True) != "supported"
    assert check("He never went.", "He went by train.", relation="entailment", same_language=True) != "supported"
    copied = check("Iraq beat Iran in May.", "Iraq beat Iran in May, clearly so.", relation="contradiction")
    assert copied == "not found"


@pytest.mark.parametrize("spec", ["bert", "sentence-transformers:", "openai:x", ":x"])
def test_specs_are_checked_when_the_settings_are_made(spec: str) -> None:
    with pytest.raises(ConfigError, match="nli"):
        AnswerConfig(nli=spec)


def test_no_spec_no_model() -> None:
    assert check_spec("") == ""
    assert load_judge("") is None


def test_a_folder_that_is_not_there_or_holds_pickles(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        CrossEncoderJudge(str(tmp_path / "absent"))
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ConfigError, match="safetensors"):
        CrossEncoderJudge(str(tmp_path))


@pytest.mark.parametrize(
    ("labels", "favourite", "expected"),
    [
        ({0: "entailment", 1: "neutral", 2: "contradiction"}, 0, "entailment"),
        ({0: "CONTRADICTION", 1: "ENTAILMENT", 2: "NEUTRAL"}, 0, "contradiction"),
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 1, "entailment"),
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 2, "neutral"),
    ],
)
@pytest.mark.slow
def test_classes_are_read_from_the_config(
    tmp_path: Path, labels: dict[int, str], favourite: int, expected: Relation
) -> None:
    assert CrossEncoderJudge(save_cross_encoder(tmp_path, labels, favourite))(QUOTE, CLAIM) == expected


def test_other_classes_are_refused(tmp_path: Path) -> None:
    judge = CrossEncoderJudge(save_cross_encoder(tmp_path, {0: "positive", 1: "negative", 2: "mixed"}, 0))
    with pytest.raises(ConfigError, match="classes positive, negative, mixed"):
        judge(QUOTE, CLAIM)


def test_the_assistant_uses_it(tmp_path: Path) -> None:
    folder = save_cross_encoder(tmp_path, {0: "contradiction", 1: "entailment", 2: "neutral"}, 0)
    live = tiny_index([document("trip", QUOTE, "en")])
    config = AnswerConfig(min_confidence=0.0, nli=f"sentence-transformers:{folder}")
    answer = Assistant(index=live, llm=FakeLLM(f"{CLAIM} [1]"), config=config).answer("How did he go to the capital?")
    assert [citation.support for citation in answer.citations] == ["not found"]
