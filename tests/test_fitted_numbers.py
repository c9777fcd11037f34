"""Numbers that were fitted to a model stand in its profile: none in code, none there that nothing reads."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from index.embedders import load, profile
from index.embedders.profile import ModelProfile, profile_of
from rag import Assistant
from rag.config import AnswerConfig
from rag.question.kinds.answer_type import Expectation
from rag.reading.profile import ReadingProfile
from rag.testing.doubles import FakeLLM, document, tiny_index
from rag.types import Turn
from tests.test_wings import ROOT, parsed

# Where scores of models are compared: everything that is read of a question's way. What the bundled models are made of
# (`rag.reading.model`, `index.embedders.bundled`) is theirs.
LOOKED_AT = ("rag", "index/embedders", "index/stores/recall.py")
OF_THE_MODELS = ("rag/reading/model/", "index/embedders/bundled/", "index/embedders/hashing.py")
ELSEWHERE = ("rag/evaluation/", "rag/testing/", "rag/receipts/", "rag/llms/", "rag/output/")  # where none is compared
NATURAL, LEAST = {0.0, 1.0}, 1e-6  # what a formula may hold; less only keeps from dividing by nought

# What is no score of a model, by the name beside which it stands, and what it counts. A number that is compared with a
# cosine, a probability or log-odds has no place here: it belongs into the profile of the model whose score that is.
COUNTED = {
    "index/stores/recall.py": {"ENOUGH": "share of the nearest"},
    "rag/assistant.py": {"_SUGGESTING": "seconds"},
    "rag/answering/followups/refocusing.py": {"_SAME": "share of words"},
    "rag/answering/followups/rewriting.py": {
        "LIMITS": "seconds",
        "_FROM_CONVERSATION": "share of words",
        "_KEPT": "share of words",
    },
    "rag/answering/nearest.py": {"_STEM": "share of letters"},
    "rag/checking/asking_back.py": {"_NEW": "share of words"},
    "rag/checking/cross_language.py": {"_WHOLE": "share of sounds"},
    "rag/checking/spans.py": {"_WORTH_JOINING": "share of words"},
    "rag/checking/support.py": {"_COPY": "share of words", "_NEARLY_ALL": "share of words"},
    "rag/checking/written/table_rows.py": {"_ENOUGH": "share of words", "_STEM": "share of letters"},
    "rag/config.py": {"AnswerConfig": "even odds"},
    "rag/drafts/contradictions.py": {
        "_ALIKE": "share of words",
        "_HALF": "even odds",
        "_LONGEST_CHANGE": "share of words",
    },
    "rag/drafts/matching.py": {"_SHARE": "share of words", "_LEAST_ALIKE": "share of letters"},
    "rag/overview/about_texts.py": {"_CALLED": "share of words"},
    "rag/overview/asked/called.py": {"_STEM": "share of letters"},
    "rag/overview/asked/meant.py": {
        "_IN_NAME": "weight of a word",
        "_UNKNOWN": "weight of a word",
        "_ENOUGH": "share of words",
        "_SURE": "share of words",
        "SURELY": "share of words",
        "_CLEAR": "share of words",
        "Library": "smoothing of counts",
    },
    "rag/overview/asked/naming.py": {"_ENOUGH": "share of words", "_EXACT": "weight of a word"},
    "rag/overview/comparing.py": {"_standing_out": "a factor of the formula"},
    "rag/overview/contents/covering.py": {"covering": "a factor of the formula"},
    "rag/overview/contents/library.py": {
        "_IN_TITLE": "weight of a word",
        "_TOO_COMMON": "share of blocks",
        "_SHARED": "weight of a word",
    },
    "rag/overview/contents/suggesting.py": {"_SURE": "even odds"},
    "rag/overview/contents/terms.py": {"_NEARLY": "share of words"},
    "rag/question/alike.py": {"_STEM": "share of letters"},
    "rag/question/rows/asked_columns.py": {"_UNKNOWN": "stands for minus infinity"},
    "rag/reading/best.py": {"_MOST_ODDS": "against overflow"},
    "rag/reading/quotes/sentence_scores.py": {"_SHORT_PENALTY": "share of words", "_coverage": "smoothing of counts"},
    "rag/reading/quotes/widening.py": {"_SAME": "share of words", "_FOR_REASONS": "a factor of a profile's number"},
    "rag/reading/short/differing.py": {
        "_MEASURES": "units",
        "_NEAR": "relative error",
        "_NEAR_MEASURE": "relative error",
        "_TEN": "units",
        "_same": "calendars",
    },
    "rag/retrieval/confidence.py": {"confidence": "against overflow"},
    "rag/retrieval/reranking.py": {"CrossEncoderReranker": "seconds"},
    "rag/types.py": {"Reading": "against overflow"},
}  # fmt: skip
A_SCORE = re.compile(r"cosine|log-odds|probabilit|similarity|confidence|logarithm", re.IGNORECASE)


def product() -> Iterator[Path]:
    for place in LOOKED_AT:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def names_of(statement: ast.stmt) -> list[str]:
    """What a statement of a module defines: its first name stands for several on one line."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", statement)]
    return [node.id for node in ast.walk(targets[0]) if isinstance(node, ast.Name)][:1]


def numbers_in(path: Path) -> Iterator[tuple[str, float]]:
    """Yield each number with a point in a module, with the name beside which it stands.

    In functions and classes 0.0 and 1.0 don't count, nor what only keeps from dividing by nought.
    """
    for statement in parsed(path).body:
        natural = NATURAL if isinstance(statement, ast.FunctionDef | ast.ClassDef) else set()
        for node in ast.walk(statement):
            value = node.value if isinstance(node, ast.Constant) else None
            if type(value) is float and value not in natural and not 0.0 < value < LEAST:
                yield next(iter(names_of(statement)), ""), value


def called_scores(path: Path) -> Iterator[str]:
    """Yield the constants of a module, whole numbers too, whose comment calls them a score of a model."""
    lines = path.read_text("utf-8").splitlines()
    for statement in parsed(path).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant | ast.Tuple | ast.UnaryOp):
            before = list(takewhile(lambda line: line.startswith("#"), reversed(lines[: statement.lineno - 1])))
            comment = " ".join([*before, lines[statement.lineno - 1].partition("#")[2]])
            if A_SCORE.search(comment):
                yield from names_of(statement)


def test_no_number_with_a_point_stands_in_code_but_what_is_no_score_of_a_model() -> None:
    found: dict[str, set[str]] = {}
    for path in product():
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith((*OF_THE_MODELS, *ELSEWHERE)):
            for beside, _ in numbers_in(path):
                found.setdefault(name, set()).add(beside)
    undeclared = {name: sorted(some - COUNTED.get(name, {}).keys()) for name, some in found.items()}
    gone = {name: sorted(some.keys() - found.get(name, set())) for name, some in COUNTED.items()}
    assert not {name: some for name, some in undeclared.items() if some}, "put them into the profile of their model"
    assert not {name: some for name, some in gone.items() if some}, "these stand there no more"


def test_no_constant_says_of_itself_that_it_is_a_score() -> None:
    found = {path.name: list(called_scores(path)) for path in product() if "rag/reading/model" not in path.as_posix()}
    assert not {name: some for name, some in found.items() if some}


def test_a_new_number_is_found(tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    lines = [
        "# Log-odds by which it leads.",
        "_LEADS = 3",
        "_NEAR = 1.0",
        "",
        "",
        "def f(x):",
        "    return x > 0.7 or x == 1.0",
    ]
    path.write_text("\n".join(lines))
    assert list(numbers_in(path)) == [("_NEAR", 1.0), ("f", 0.7)]
    assert list(called_scores(path)) == ["_LEADS"]


def test_nothing_that_is_declared_to_be_no_score_is_one() -> None:
    assert not [what for some in COUNTED.values() for what in some.values() if A_SCORE.search(what)]


def names_in(kind: Any, above: str = "") -> Iterator[str]:
    """Yield the name of each number of a profile."""
    types = get_type_hints(kind)
    for field in fields(kind):
        if is_dataclass(types[field.name]):
            yield from names_in(types[field.name], f"{above}{field.name}.")
        else:
            yield above + field.name


@pytest.mark.parametrize("kind", [ModelProfile, ReadingProfile])
def test_every_number_of_a_profile_is_read(kind: type[object]) -> None:
    records = ("index/embedders/profile.py", "rag/reading/profile.py")
    read: Counter[str] = Counter()
    for package in ("index", "rag", "ui"):
        for path in (ROOT / package).rglob("*.py"):
            if path.relative_to(ROOT).as_posix() not in records:
                read.update(node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute))
    # `knows_the_words` and `bears_witness` read these beside the records.
    own = {"sure", "words", "span", "answers", "witness", "witness_span"}
    assert not [name for name in names_in(kind) if name.rpartition(".")[2] not in read.keys() | own]


BEES = "The bees of Norrby make dark honey from heather. The hives stand near the wood. The bees sleep all winter."
SHIPS = "The ferry sails from Visby harbour at nine. Ships wait for the tide. The captain of the ferry is Ann Poole."


def library() -> Assistant:
    texts = [document(f"bees{n}", f"{BEES} Hive {n} is full of bees and honey.", "en") for n in range(4)]
    texts += [document(f"ships{n}", f"{SHIPS} Ferry {n} is full of ships at sea.", "en") for n in range(4)]
    return Assistant(index=tiny_index(texts))


def quoted(text: str, **config: Any) -> list[str]:
    made = Assistant(index=tiny_index([document("d", text, "en")]), config=AnswerConfig(reader="none", **config))
    return [one.quote for one in made.answer("When does the ferry sail from Visby?").citations]


def supported(claim: str) -> list[str]:
    config = AnswerConfig(reader="none", min_confidence=0.0)
    made = Assistant(index=tiny_index([document("d", SHIPS, "en")]), llm=FakeLLM(claim), config=config)
    return [one.support for one in made.answer("When does the ferry sail from Visby harbour?").citations]


def gone_on() -> tuple[str, ...]:
    talk = (Turn("When does the ferry sail from Visby harbour?", "The ferry sails at nine."),)
    made = Assistant(index=tiny_index([document("d", SHIPS, "en")]), config=AnswerConfig(reader="none"))
    return tuple(f"{one.score:.3f}" for hit in made.answer("And who is it?", talk).passages for one in hit.sentences)


def with_numbers(monkeypatch: pytest.MonkeyPatch, part: str, **numbers: float) -> None:
    """Give the embedder of tests other numbers, as its file would."""
    fingerprint = load("hashing").fingerprint
    own = profile_of(fingerprint)
    changed = replace(own, **{part: replace(getattr(own, part), **numbers)})
    monkeypatch.setattr(profile, "_known", lambda: {fingerprint: changed})
    profile_of.cache_clear()


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    profile_of.cache_clear()


CASES: list[tuple[str, dict[str, float], Callable[[], object]]] = [
    ("texts", {"apart": 2.0}, lambda: len(library().library().topics)),
    ("texts", {"repeats": -1.0}, lambda: library().overview("ships0").sentences),
    ("texts", {"near": 2.0}, lambda: library().answer("Compare the texts bees0 and ships0").text),
    ("quotes", {"further": -1.0}, lambda: quoted(SHIPS, min_confidence=0.0)),
    ("support", {"close": -1.0, "related": -1.0}, lambda: supported("The ferry leaves the pier every morning [1].")),
    ("follow_ups", {"less_passage": 0.1}, gone_on),
]


@pytest.mark.parametrize(("part", "numbers", "seen"), CASES, ids=lambda case: str(case) if type(case) is str else "")
def test_the_numbers_of_the_index_s_own_embedder_count(
    part: str, numbers: dict[str, float], seen: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen()
    with_numbers(monkeypatch, part, **numbers)
    assert seen() != before


def test_from_when_on_a_kind_of_answer_counts_is_the_embedder_s(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Expectation(0.3, 0.0, 0.0)
    assert asked.mismatch("no number", "en") > 0
    kinds = replace(asked.profile, least=0.5)
    assert replace(asked, profile=kinds).mismatch("no number", "en") == 0
