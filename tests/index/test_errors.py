"""An error says what is wrong and what to do in two fields; people see both in one sentence."""

import copy
import pickle
from pathlib import Path

import pytest

import index
from index.errors import ConfigError, IndexMissingError, RagError, SourceError, SourceSkippedError
from index.sources.types import RefusedError
from rag.config import AnswerConfig
from rag.llms.base import load_llm
from rag.llms.calls.guard import TransientError


def test_the_text_is_the_problem_and_its_fix() -> None:
    error = RagError("x: is damaged; twice", "build it again")
    assert (error.problem, error.fix) == ("x: is damaged; twice", "build it again")
    assert str(error) == "x: is damaged; twice; build it again"
    assert str(RagError("x: is damaged")) == "x: is damaged" and RagError("x").fix == ""


def test_a_source_error_names_its_file_once() -> None:
    error = SourceError("a.txt", "too long", "split it")
    assert str(error) == "a.txt: too long; split it" and error.reason == "too long; split it"
    other = error.of("b.txt")
    assert (other.problem, other.fix, other.source) == ("b.txt: too long", "split it", "b.txt")


@pytest.mark.parametrize("skipped", [True, False])
def test_a_refusal_keeps_its_fix_when_it_gets_its_file(skipped: bool) -> None:
    error = RefusedError("encrypted", "save it without a password", skipped=skipped).of("a.pdf")
    assert type(error) is (SourceSkippedError if skipped else SourceError)
    assert (error.problem, error.fix) == ("a.pdf: encrypted", "save it without a password")


@pytest.mark.parametrize(
    "error", [RagError("a", "b"), SourceError("a", "b", "c"), TransientError("a", "b", retry_after=2.0)]
)
def test_errors_can_be_copied_and_sent(error: RagError) -> None:
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (type(again), str(again), again.__dict__) == (type(error), str(error), error.__dict__)


def test_what_users_meet_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError) as missing:
        index.open(tmp_path)
    assert missing.value.fix == "build one with `rag index`" and str(tmp_path) in missing.value.problem
    with pytest.raises(ConfigError) as unknown:
        load_llm("nothing:x")
    assert unknown.value.fix.startswith("valid ones: ") and "nothing" in unknown.value.problem
    with pytest.raises(ConfigError) as wrong:
        AnswerConfig(k=0)
    assert (wrong.value.problem, wrong.value.fix) == ("k is 0", "it must be between 1 and 1000")
