from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from index import plugins
from index.errors import ConfigError
from rag.llms import base
from rag.llms.base import LLM, kinds, load_llm, usage, wants_messages
from rag.llms.events import Quoted, Remark, Thinking, Verbatim, Withdrawn, glued, text_of
from rag.llms.extractive import Extractive


class Plugged:
    def __init__(self, argument: str) -> None:
        self.spec = f"plugged:{argument}"

    def stream(self, messages: object) -> Iterator[str]:
        yield self.spec


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        EntryPoint("plugged", "tests.rag.llms.test_llms_base:Plugged", base.GROUP),
        EntryPoint("broken", "no_such_module:create", base.GROUP),
        EntryPoint("extractive", "tests.rag.llms.test_llms_base:Plugged", base.GROUP),
    ]
    monkeypatch.setattr(base, "entry_points", lambda group: entries if group == base.GROUP else [])


def test_extractive_is_the_same_through_spec_and_object() -> None:
    assert isinstance(load_llm("extractive"), Extractive)
    backend = Extractive()
    assert load_llm(backend) is backend
    assert isinstance(backend, LLM)
    assert not wants_messages(backend)


@pytest.mark.parametrize("spec", ["", " ", ",", "nonsense", "Extractive", "gpt-4", "nonsense:x", "extractive,nonsense"])
def test_an_unknown_spec_names_the_valid_ones(spec: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_llm(spec)
    for form in ("extractive", "local[:PATH.gguf]", "ollama:MODEL", "openai-compatible:MODEL@URL"):
        assert form in str(caught.value)
    assert "\n" not in str(caught.value)


def test_third_party_kinds_come_by_entry_point(plugged: None) -> None:
    assert load_llm("plugged:a:b").spec == "plugged:a:b"
    assert "plugged[:…]" in usage()
    assert wants_messages(load_llm("plugged"))
    assert isinstance(load_llm("extractive"), Extractive), "a built-in can't be replaced"
    with pytest.raises(ConfigError, match="no_such_module"):
        load_llm("broken")
    assert set(kinds()) >= {"extractive", "local", "ollama", "openai", "anthropic", "openai-compatible", "plugged"}


def test_the_real_group_is_asked() -> None:
    assert base.entry_points is plugins.entry_points
    assert plugins.entry_points("console_scripts") == tuple(importlib.metadata.entry_points(group="console_scripts"))
    assert "pytest" in {entry.name for entry in plugins.entry_points("console_scripts")}


def test_what_is_more_than_text_is_no_text() -> None:
    others = [Quoted(2, 10, 20), Verbatim("words"), Withdrawn("extractive", "it failed"), Remark("cut"), Thinking()]
    assert not any(isinstance(piece, str) for piece in others)
    assert [text_of(piece) for piece in others] == ["[2]", "words", "", "", ""]
    for piece in others:
        with pytest.raises(TypeError):
            "".join(["x ", piece])  # type: ignore[list-item]


def test_glued_pieces_are_what_stands_in_the_end() -> None:
    assert glued(["x ", Quoted(2, 10, 20), Remark("cut"), Verbatim("!")]) == "x [2]!"
    assert glued(["lost", Withdrawn("extractive"), "kept"]) == "kept"
