from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ConfigError
from rag.errors import LLMError
from rag.llms.anthropic import Anthropic
from rag.llms.base import load_llm
from rag.llms.calls.guard import Limits
from rag.llms.events import Quoted, glued
from rag.llms.openai_compatible import OpenAICompatible, create_compatible, create_ollama
from tests.harness.fault_server import fault_server
from tests.harness.llm_contract import passage, prompt


@pytest.mark.parametrize(
    ("argument", "model", "url"),
    [
        ("m@http://127.0.0.1:8000/v1", "m", "http://127.0.0.1:8000/v1"),
        ("org/model:free@https://openrouter.ai/api/v1/", "org/model:free", "https://openrouter.ai/api/v1"),
        ("@cf/meta/llama@https://[::1]:1/v1", "@cf/meta/llama", "https://[::1]:1/v1"),
    ],
)
def test_model_and_url(argument: str, model: str, url: str) -> None:
    llm = create_compatible(argument)
    assert (llm.model, llm.base_url, llm.spec) == (model, url, f"openai-compatible:{model}@{url}")


@pytest.mark.parametrize(
    "argument",
    [
        "", "m", "@http://h/v1", "m@", "m@ftp://h/v1", "m@http://", "m@http://h:99999/v1", "m@http://h:x/v1",
        "m@http://user:hunter2@h/v1", "m@http://h/v1?api_key=hunter2", "m@http://h/v1#hunter2", "m@http://[::1/v1",
    ],
)  # fmt: skip
def test_a_bad_url_is_refused_without_repeating_it(argument: str) -> None:
    with pytest.raises(ConfigError) as caught:
        create_compatible(argument)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("spec", ["openai:", "ollama: ", "anthropic:", "openai"])
def test_a_model_must_be_named(spec: str) -> None:
    with pytest.raises(ConfigError, match="model"):
        load_llm(spec)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("10.0.0.7:1234", "http://10.0.0.7:1234/v1"),
        ("gpu.lan", "http://gpu.lan:11434/v1"),
        ("https://gpu.lan/ollama/", "https://gpu.lan/ollama/v1"),
    ],
)
def test_where_ollama_is(host: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert create_ollama("m").base_url == url


def test_ollama_would_cut_a_prompt_beyond_its_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_CONTEXT_LENGTH", raising=False)
    assert create_ollama("m").context_tokens == 4_096
    monkeypatch.setenv("OLLAMA_CONTEXT_LENGTH", "16384")
    assert create_ollama("m").context_tokens == 16_384


@pytest.mark.parametrize(
    ("spec", "module", "extra"),
    [("openai:m", "openai", "openai"), ("anthropic:m", "anthropic", "anthropic"), ("local", "xllamacpp", "local")],
)
def test_a_missing_extra_names_itself(spec: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(LLMError, match=rf'pip install "babelquote\[{extra}\]"'):
        list(load_llm(spec).stream(prompt()))


def test_nothing_is_stored_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hunter2hunter2")
    llm = load_llm("openai:m")
    assert isinstance(llm, OpenAICompatible)
    assert "hunter2" not in repr(llm)


@pytest.fixture
def anthropic(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Anthropic, list[dict[str, object]]]]:
    pytest.importorskip("anthropic")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-cccccccccccccccc")
    with fault_server() as server:
        bodies: list[dict[str, object]] = []
        server.requests = Bodies(bodies)  # type: ignore[assignment]
        yield Anthropic("anthropic:m", "m", server.url("cited").removesuffix("/v1"), Limits(total=20)), bodies


class Bodies(list):  # type: ignore[type-arg]
    def __init__(self, bodies: list[dict[str, object]]) -> None:
        self.bodies = bodies

    def append(self, request: object) -> None:
        self.bodies.append(request.body)  # type: ignore[attr-defined]


def test_native_citations_become_exact_spans(anthropic: tuple[Anthropic, list[dict[str, object]]]) -> None:
    llm, bodies = anthropic
    asked = prompt()
    second = passage(asked.passages[1].passage.text, 1, start=500)  # in the middle of its document
    asked = type(asked)(asked.messages, asked.question, "en", (asked.passages[0], second, asked.passages[2]))
    pieces = list(llm.stream(asked))
    assert glued(pieces) == "It says so [2]"
    (quote,) = [piece for piece in pieces if isinstance(piece, Quoted)]
    assert (quote.number, quote.start, quote.end) == (2, 500, 510)
    content = bodies[0]["messages"][0]["content"]  # type: ignore[index]
    assert [block["type"] for block in content] == ["document"] * 3 + ["text"]
    assert all(block["citations"] == {"enabled": True} for block in content[:3])
    assert content[-1]["text"] == asked.question


@given(st.text(max_size=60), st.text(max_size=5), st.one_of(st.none(), st.integers(), st.text(max_size=3)))
def test_a_native_citation_is_never_outside_its_passage(text: str, words: str, near: object) -> None:
    from types import SimpleNamespace

    from rag.llms.anthropic import _quoted

    hit = passage(text, 0, start=7)
    citation = SimpleNamespace(document_index=0, cited_text=words, start_char_index=near)
    for quote in _quoted(citation, [hit]):
        assert 7 <= quote.start < quote.end <= 7 + len(text)
        assert text[quote.start - 7 : quote.end - 7] == words.strip()
