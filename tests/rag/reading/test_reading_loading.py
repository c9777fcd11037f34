"""Which reader a spec names, what happens when its file is no good, and how the file is made."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from index import plugins
from index.errors import ConfigError, RagError
from index.types import Passage
from rag import AnswerConfig, Assistant
from rag.reading import Reader, Reading, load_reader, loading
from rag.reading.model.bundled import BundledReader
from rag.reading.model.weights import DIGEST_SUFFIX, SHIPPED, digest_of
from rag.testing.doubles import FakeLLM, document, tiny_index
from rag.types import ScoredPassage

ROOT = Path(__file__).resolve().parents[3]
HITS = [ScoredPassage(Passage("d:0", "d", 0, 14, "Built in 1903.", "en", ""), "Bridge", "d", 1.0)]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Readers and warnings are kept by the process; each test begins without."""
    loading._kept.cache_clear()
    yield
    loading._kept.cache_clear()


class Parrot:
    """A reader of another package."""

    def __init__(self, argument: str) -> None:
        self.spec = f"parrot:{argument}"

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        return [Reading(0.0, p.passage.start, p.passage.end, 0.0, (0.0,), (0.0,)) for p in passages]


def plug(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = importlib.metadata.EntryPoint("parrot", value, loading.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry] if group == loading.GROUP else [])


# --- specs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["", "none"])
def test_no_reader_is_wanted(spec: str) -> None:
    assert load_reader(spec) is None


def test_the_bundled_one_is_the_default_and_kept() -> None:
    reader = load_reader()
    assert isinstance(reader, BundledReader)
    assert reader is load_reader("bundled")
    assert AnswerConfig().reader == reader.spec == "bundled"


@pytest.mark.parametrize("spec", ["bundle", "bundled:x", "none:1", ":", "sentence-transformers:x", "\ud800"])
def test_an_unknown_spec_names_what_exists(spec: str) -> None:
    for call in (load_reader, lambda spec: AnswerConfig(reader=spec)):
        with pytest.raises(ConfigError, match=r"^(no )?reader .*(use one of bundled, none|takes nothing behind it)"):
            call(spec)


def test_other_packages_bring_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "parrot", SimpleNamespace(Parrot=Parrot, nothing=lambda argument: argument))
    plug(monkeypatch, "parrot:Parrot")
    reader = load_reader("parrot:grey")
    assert isinstance(reader, Reader)
    assert reader.spec == "parrot:grey"
    assert load_reader("parrot") is not None
    assert AnswerConfig(reader="parrot:grey").reader == "parrot:grey"
    with pytest.raises(ConfigError, match=r"use one of bundled, none, parrot\[:…\]"):
        load_reader("owl")
    loading._kept.cache_clear()
    plug(monkeypatch, "parrot:nothing")
    with pytest.raises(ConfigError, match=r"parrot:nothing makes no reader"):
        load_reader("parrot:grey")
    plug(monkeypatch, "absent_parrot:Parrot")
    with pytest.raises(ConfigError, match=r"'parrot' \(absent_parrot:Parrot\) can't be loaded"):
        load_reader("parrot:red")


def test_entry_points_are_those_of_the_standard_library() -> None:
    assert plugins.entry_points("console_scripts") == tuple(importlib.metadata.entry_points(group="console_scripts"))


# --- the command line ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["ask", "x"], ["chat"], ["mcp"]])
def test_commands_take_a_reader(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.cli import app

    runner = CliRunner()
    assert "--reader" in runner.invoke(app, [command[0], "--help"], env={"COLUMNS": "200"}).output
    for arguments, env in (([*command, "--reader", "owl"], {}), (command, {"RAG_READER": "owl"})):
        found = runner.invoke(app, [*arguments, "--index", str(tmp_path)], env=env)
        assert isinstance(found.exception, ConfigError), found.output
        assert "no reader is called 'owl'" in str(found.exception)


# --- the file ------------------------------------------------------------------------------------------------------


def copied(folder: Path) -> Path:
    for name in (SHIPPED.name, SHIPPED.name + DIGEST_SUFFIX):
        shutil.copy(SHIPPED.with_name(name), folder / name)
    return folder / SHIPPED.name


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES = {
    "one bit": flip,
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "no digest": lambda path: path.with_name(path.name + DIGEST_SUFFIX).unlink(),
    "empty digest": lambda path: path.with_name(path.name + DIGEST_SUFFIX).write_text(""),
    "odd digest": lambda path: path.with_name(path.name + DIGEST_SUFFIX).write_bytes(b"\xff\xfe\n"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_reported_in_one_line(damage: str, tmp_path: Path) -> None:
    path = copied(tmp_path)
    DAMAGES[damage](path)
    reader = BundledReader(path)
    for _ in range(2):  # and it stays so
        with pytest.raises(ConfigError, match=r"reader\.safetensors.*--reader none") as caught:
            reader.read("When?", HITS)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"\x08\0\0\0\0\0\0\0{}      "])
def test_what_is_no_file_of_weights_is_reported(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"other\.safetensors can't be used"):
        BundledReader(path, verify=False).judge([("a", "b")])


@pytest.mark.parametrize("name", ["layers.7.fo.weight", "layers.11.oln.bias", "span.bias", "segment", "scale"])
def test_a_tensor_that_is_missing_or_odd_is_named(name: str, tmp_path: Path) -> None:
    path, tensors = tmp_path / "part.safetensors", load_file(SHIPPED)
    for changed, message in (({}, "it holds no "), ({name: np.zeros(5, np.float16)}, "")):
        save_file({key: values for key, values in tensors.items() if key != name} | changed, path)
        with pytest.raises(ConfigError, match=rf"can't be used: {message}{name}.*--reader none"):
            BundledReader(path, verify=False).read("When?", HITS)


def test_a_missing_file_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.safetensors are missing.*--reader none"):
        BundledReader(tmp_path / "gone.safetensors")


def test_without_its_file_the_product_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied(tmp_path)
    flip(path)
    monkeypatch.setattr(loading, "_kept", lru_cache(lambda spec: BundledReader(path)))
    live = tiny_index([document("a", "The lighthouse was built in 1903.", "en")])
    claim = "The lighthouse was built of stone in 1903 [1]."
    answer = Assistant(index=live, llm=FakeLLM(claim), config=AnswerConfig(min_confidence=0.0)).answer("When?")
    assert answer.text
    assert [warning for warning in answer.warnings if "nothing was read" in warning and "--reader none" in warning]


def test_many_threads_load_it_once_and_read_alike() -> None:
    reader = BundledReader()
    loaded: list[int] = []
    load = reader._load

    def counted() -> object:
        loaded.append(1)
        return load()

    reader._load = counted  # type: ignore[method-assign, assignment]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: reader.read("When was it built?", HITS * 3), range(24)))
    assert len(loaded) == 1
    assert reader._loaded().network._runner._inside == 0
    answers = np.array([[reading.answers for reading in one] for one in found])
    np.testing.assert_allclose(answers, answers[0, 0], atol=1e-3)


@pytest.mark.slow
def test_a_crowd_is_read_side_by_side_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = BundledReader(precision="f32")
    network = reader._loaded().network._runner
    (alone,) = reader.read("When was it built?", HITS)
    assert network._side_by_side is None
    network._inside = 1  # as if somebody were being served
    monkeypatch.setattr("index.embedders.bundled.requests.cores", lambda: 2)
    (beside,) = reader.read("When was it built?", HITS)
    assert network._side_by_side is not None
    assert network._inside == 1
    assert (beside.start, beside.end) == (alone.start, alone.end)
    assert beside.answers == pytest.approx(alone.answers, abs=1e-3)


def test_what_openvino_refuses_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def infer(self, _: object) -> None:
            raise RuntimeError("no memory")

    reader = BundledReader()
    network = reader._loaded().network._runner
    network._alone._free.get()
    network._alone._free.put(Broken())  # type: ignore[arg-type]
    with pytest.raises(RagError, match="no memory"):
        reader.read("When was it built?", HITS)
    assert network._inside == 0
    assert network._alone._free.qsize() == 1


def test_what_is_shipped_tells_where_it_is_from() -> None:
    expected = SHIPPED.with_name(SHIPPED.name + DIGEST_SUFFIX).read_text().split()
    assert expected == [digest_of(SHIPPED), SHIPPED.name]
    assert SHIPPED.stat().st_size < 19.5e6
    from safetensors import safe_open

    made = safe_open(SHIPPED, "np").metadata()
    assert {"made", "base", "packed by", "packed from"} <= set(made)


# --- the tool that makes it ----------------------------------------------------------------------------------------


def pack(source: Path, target: Path) -> str:
    command = [sys.executable, ROOT / "tools" / "pack_reader.py", source, target]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_packing_keeps_what_the_tensors_say(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    tensors = {
        "layers.2.fi.weight": rng.normal(size=(7, 5)).astype(np.float16),
        "layers.2.fi.bias": rng.normal(size=7).astype(np.float16),
        "span.weight": rng.normal(size=(2, 5)).astype(np.float32),
    }
    tensors["layers.2.fi.weight"][3] = 0
    save_file(tensors, tmp_path / "in.safetensors", {"made": "today"})
    result = pack(tmp_path / "in.safetensors", tmp_path / "out.safetensors")
    assert digest_of(tmp_path / "out.safetensors") in result
    found = load_file(tmp_path / "out.safetensors")
    assert found["layers.2.fi.weight"].dtype == np.int8
    again = found["layers.2.fi.weight"] * found["layers.2.fi.weight.scale"][:, None]
    step = np.abs(tensors["layers.2.fi.weight"]).max(1, keepdims=True) / 127
    assert (np.abs(again - tensors["layers.2.fi.weight"].astype(np.float32)) <= step / 2 + 1e-6).all()
    np.testing.assert_array_equal(found["layers.2.fi.bias"], tensors["layers.2.fi.bias"])
    assert found["span.weight"].dtype == np.float16


def test_packing_twice_changes_nothing(tmp_path: Path) -> None:
    save_file({"layers.2.fi.weight": np.eye(4, dtype=np.float16)}, tmp_path / "in.safetensors", {"b": "1", "a": "ü"})
    results = []
    for source, target in (("in", "one"), ("in", "two"), ("one", "three")):
        pack(tmp_path / f"{source}.safetensors", tmp_path / f"{target}.safetensors")
        results.append((tmp_path / f"{target}.safetensors").read_bytes())
    assert results[0] == results[1] == results[2]
    assert json.loads(results[0][8 : 8 + int.from_bytes(results[0][:8], "little")])["__metadata__"]["a"] == "ü"
