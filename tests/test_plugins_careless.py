"""A package that breaks its promises costs one line that names it: no traceback, no wrong vector, no forged word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

import index
from index import engines, plugins
from index.embedders import load
from index.errors import ConfigError, EmbedderError, RagError
from index.sources import registry
from index.sources.types import Extract, ReadContext, Reader, RefusedError
from rag import AnswerConfig, Assistant, load_llm
from rag.checking.entailment import load_judge
from rag.errors import LLMError
from rag.llms import base
from rag.reading import load_reader
from rag.retrieval.reranking import load_reranker
from tests.harness import careless_parts as parts

QUESTION = "What do foxes eat at night?"
QUIET = AnswerConfig(min_confidence=0.0, reader="none")


@pytest.fixture(autouse=True)
def brought(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return what installs an object of the careless package under the name `careless`, for every group."""

    def install(name: str, module: str = "tests.harness.careless_parts") -> None:
        found = [EntryPoint("careless", f"{module}:{name}", "any")]
        for where in (plugins, base, registry):
            monkeypatch.setattr(where, "entry_points", lambda group: found)

    return install


@pytest.fixture(scope="module")
def foxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("foxes")
    (place / "a.txt").write_text("Foxes run in the forest. They eat mice at night.\n\nBears sleep. They wake in April.")
    (place / "b.txt").write_text("The lighthouse keeper counts the birds each morning.")
    index.build([place], index_dir=place / "index", embedder="hashing")
    return place / "index"


@pytest.mark.parametrize("how", ["fewer", "narrow", "nothing", "not-numbers", "words", "fails"])
def test_an_embedder_that_gives_no_vectors(brought: Callable[[str], None], how: str) -> None:
    brought("Embedder")
    with pytest.raises(EmbedderError, match=f"the embedder 'careless:{how}' "):
        load(f"careless:{how}").embed_passages(["one", "two"])
    with pytest.raises(EmbedderError, match=f"the embedder 'careless:asked-{how}' "):
        load(f"careless:asked-{how}").embed_query("one")


@pytest.mark.parametrize("how", ["double", "lists"])
def test_vectors_of_another_type_or_length_are_put_right(brought: Callable[[str], None], how: str) -> None:
    brought("Embedder")
    rows = load(f"careless:{how}").embed_passages(["one", "two"])
    assert rows.dtype == np.float32 and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert load(f"careless:{how}").embed_passages([]).shape[0] == 0


def test_an_embedder_without_a_fingerprint(brought: Callable[[str], None]) -> None:
    brought("unnamed")
    with pytest.raises(EmbedderError, match="careless:x' gives no text as its spec or its fingerprint"):
        load("careless:x")


@pytest.mark.parametrize("how", ["fewer", "more", "nothing", "places", "forged", "not-numbers", "fails"])
def test_a_reranker_that_gives_other_passages(brought: Callable[[str], None], foxes: Path, how: str) -> None:
    brought("Reranker")
    with pytest.raises(ConfigError, match=f"the reranker 'careless:{how}' "):
        Assistant(foxes, config=replace(QUIET, reranker=f"careless:{how}")).answer(QUESTION)


def test_a_reranker_may_return_a_list(brought: Callable[[str], None], foxes: Path) -> None:
    brought("Reranker")
    plain = Assistant(foxes, config=QUIET).retrieve(QUESTION)
    turned = Assistant(foxes, config=replace(QUIET, reranker="careless:list")).retrieve(QUESTION)
    assert [hit.passage for hit in turned] == [hit.passage for hit in reversed(plain)]


@pytest.mark.parametrize("how", ["fails", "word", "nothing", "none"])
def test_a_judge_that_says_something_else(brought: Callable[[str], None], foxes: Path, how: str) -> None:
    class Writes:
        spec, wants_messages = "writes", False

        def stream(self, messages: object) -> Iterator[str]:
            yield "At night foxes eat a mouse [1]."

    brought("judge")
    with pytest.raises(ConfigError, match="careless"):
        Assistant(foxes, Writes(), config=replace(QUIET, nli=f"careless:{how}")).answer(QUESTION)


READINGS = (
    "fewer", "nothing", "outside", "backwards", "not-numbers", "no-sentences", "words", "others", "fails",
)  # fmt: skip


@pytest.mark.parametrize("how", READINGS)
def test_a_reader_that_reads_wrongly_is_as_none(brought: Callable[[str], None], foxes: Path, how: str) -> None:
    brought("PassageReader")
    answer = Assistant(foxes, config=replace(QUIET, reader=f"careless:{how}")).answer(QUESTION)
    assert answer.text == Assistant(foxes, config=QUIET).answer(QUESTION).text
    assert any(f"nothing was read: the reader 'careless:{how}' " in warning for warning in answer.warnings), answer


def test_a_reader_may_return_a_tuple_and_judge(brought: Callable[[str], None], foxes: Path) -> None:
    brought("ClaimReader")
    answer = Assistant(foxes, config=replace(QUIET, reader="careless:tuple")).answer(QUESTION)
    assert answer.passages[0].reading is not None and not answer.warnings[1:], answer.warnings
    with pytest.raises(ConfigError, match="gave 2 verdicts on 1 claims"):
        load_reader("careless:tuple").judge([("a claim", "a quote")])


@pytest.mark.parametrize("name", ["Backend", "Late", "Silent"])
@pytest.mark.parametrize("how", ["bytes", "nothing", "number"])
def test_a_backend_that_says_no_text(brought: Callable[[str], None], foxes: Path, name: str, how: str) -> None:
    brought(name)
    with pytest.raises(LLMError, match="the backend 'careless' "):
        list(load_llm(f"careless:{how}").stream([]))
    answer = Assistant(foxes, f"careless:{how}", config=QUIET).answer(QUESTION)
    assert answer.citations and "mice" in answer.text, "the sources' own words stand in"
    assert any("the backend 'careless' " in warning for warning in answer.warnings), answer.warnings


def test_a_quote_of_a_source_that_was_not_given_is_no_citation(brought: Callable[[str], None], foxes: Path) -> None:
    brought("Backend")
    answer = Assistant(foxes, "careless:far", config=QUIET).answer(QUESTION)
    assert all(one.quote in "Foxes run in the forest. They eat mice at night." for one in answer.citations), answer


LOADED: dict[str, Callable[[], object]] = {
    "embedder": lambda: load("careless"),
    "reranker": lambda: load_reranker("careless"),
    "judge": lambda: load_judge("careless"),
    "reader": lambda: load_reader("careless"),
    "backend": lambda: load_llm("careless"),
    "engine": lambda: engines._made("careless"),
}


@pytest.mark.parametrize("kind", LOADED)
@pytest.mark.parametrize(
    ("name", "expected"), [("fails", "disk is full"), ("takes_nothing", "TypeError"), ("gone", "gone")]
)
def test_a_factory_that_fails(brought: Callable[[str], None], kind: str, name: str, expected: str) -> None:
    brought(name)
    with pytest.raises(RagError, match=f"'careless.*{expected}"):
        LOADED[kind]()


@pytest.mark.parametrize("kind", LOADED)
def test_a_module_that_fails(brought: Callable[[str, str], None], kind: str, broken: str) -> None:
    brought("create", broken)
    with pytest.raises(RagError, match="can't be loaded: ZeroDivisionError"):
        LOADED[kind]()


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "broken_on_import.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    return "broken_on_import"


@pytest.fixture
def fresh() -> Iterator[None]:
    registry.readers.cache_clear()
    yield
    registry.readers.cache_clear()


def reader(sniff: str = "much", read: str = "words") -> Reader:
    return Reader("careless", (".txt",), parts.sniffs(sniff), parts.reads(read))


@pytest.mark.parametrize("how", ["fails", "nothing", "word"])
@pytest.mark.usefixtures("fresh")
def test_a_format_that_fails_to_look_leaves_the_file_to_others(
    brought: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(parts, "READER", reader(how), raising=False)
    brought("READER")
    assert registry.choose(b"A plain text.", ".txt", "a.txt").name == "plain text"


@pytest.mark.parametrize("how", ["fails", "nothing", "words", "bytes", "untitled"])
@pytest.mark.usefixtures("fresh")
def test_a_format_that_reads_no_text_is_named(
    brought: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(parts, "READER", reader(read=how), raising=False)
    brought("READER")
    chosen = registry.choose(b"A plain text.", ".txt", "a.txt")
    with pytest.raises(RefusedError, match="the reader 'careless' "):
        chosen.read(b"A plain text.", ReadContext("a.txt", Path("a.txt")))


@pytest.mark.usefixtures("fresh")
def test_what_nobody_sees_is_taken_out_of_a_text(
    brought: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = Extract(text="One\x00 \ud800 two", headings=[(5, 1, "two")])
    made = Reader("careless", (".txt",), parts.sniffs("much"), lambda data, context: (extract for _ in "x"))
    monkeypatch.setattr(parts, "READER", made, raising=False)
    brought("READER")
    context = ReadContext("a.txt", Path("a.txt"))
    (read,) = registry.choose(b"x", ".txt", "a.txt").read(b"x", context)
    assert read.text == "One \ufffd two" and read.headings == []
    assert "left out" in context.warnings[0]


@pytest.mark.usefixtures("fresh")
def test_a_format_that_is_none_or_fails_is_named(brought: Callable[..., None], broken: str) -> None:
    brought("fails")
    with pytest.raises(ConfigError, match="is not a Reader"):
        registry.readers()
    brought("READER", broken)
    with pytest.raises(ConfigError, match=r"entry point careless of babelquote.readers failed \(ZeroDivisionError"):
        registry.readers()
