"""The child process: limits hold, a dead child costs one file, nothing heavy is imported, nothing is written."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib.metadata import EntryPoint
from pathlib import Path

import psutil
import pytest

from index.errors import ConfigError, SourceError
from index.sources import registry
from index.sources.discovery import discover
from index.sources.reading import read
from index.sources.sandbox import pool as sandbox
from index.sources.sandbox.pool import SandboxLimits, read_many
from index.sources.sandbox.wire import document_from, document_to
from index.sources.types import Extract, Reader, ReadOptions, ReadResult, SourceFile
from tests.harness.partly_slow import partly_slow

ROOT = Path(__file__).resolve().parents[4]

BAD_PLUGIN = """
import ctypes, os, socket, time
from pathlib import Path
from index.sources.types import Extract, Reader

def sniff(head):
    return 2.0 if head.suffix == ".bad" else 0.0

def read(data, context):
    what = data.decode().strip()
    if what == "hang":
        time.sleep(1000)
    if what == "spin":
        while True:
            pass
    if what == "memory":
        bytearray(3 * 1024**3)
    if what == "exit":
        os._exit(7)
    if what == "raise":
        raise RuntimeError("a parser's own trouble")
    if what == "write":
        Path(context.path.with_suffix(".written")).write_text("x")
    if what == "connect":
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    if what == "spawn":
        os.system("true")
    if what == "rename":
        os.rename(context.path, context.path.with_suffix(".written"))
    if what == "link":
        os.symlink("/etc/passwd", context.path.with_suffix(".written"))
    if what == "folder":
        context.path.with_suffix(".written").mkdir()
    if what == "truncate":
        os.truncate(context.path, 0)
    if what == "listen":
        socket.create_server(("127.0.0.1", 0))
    if what == "send":
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
    if what == "O_TRUNC":
        os.open(context.path, os.O_RDONLY | os.O_TRUNC)
    if what == "proc":
        open(f"/proc/{os.getppid()}/environ", "rb").read()
    if what == "group":
        os.killpg(0, 0)
    if what == "kill":
        os.kill(os.getppid(), 0)
    if what == "ocr" and context.options.ocr != "off":
        context.step("picture 1 of 2 is read by OCR")
        ctypes.string_at(0)  # as a library written in C ends
    if what == "crash":
        ctypes.string_at(0)
    if what == "print":
        print("noise on standard output", flush=True)
    return [Extract(text=what)]

READER = Reader("bad", (".bad",), sniff, read)
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package outside, found by its entry point, whose reader misbehaves on demand."""
    site = tmp_path / "site"
    info = site / "badplugin-1.dist-info"
    info.mkdir(parents=True)
    (site / "badplugin.py").write_text(BAD_PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: badplugin\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[babelquote.readers]\nbad = badplugin:READER\n")
    monkeypatch.setenv("PYTHONPATH", str(site))
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


def outcomes(folder: Path, **limits: float) -> dict[str, ReadResult | SourceError]:
    chosen = SandboxLimits(**{"seconds": 2.0, "cpu_seconds": 20, **limits})  # type: ignore[arg-type]
    return {f.path.name: r for f, r in read_many(discover([folder]).files, workers=1, limits=chosen)}


@pytest.mark.parametrize(
    ("what", "reason"),
    partly_slow(
        [
            ("hang", "more than 2 s"),
            ("memory", "memory"),
            ("exit", "ended the reading process"),
            ("raise", "a parser's own trouble"),
            ("write", "not allowed"),
            ("connect", "not allowed"),
            ("spawn", "not allowed"),
            *(
                (what, "not allowed")
                for what in (
                    "rename",
                    "link",
                    "folder",
                    "truncate",
                    "listen",
                    "send",
                    "kill",
                    "O_TRUNC",
                    "proc",
                    "group",
                )
            ),
        ],
        now=8,
    ),
)
@pytest.mark.skipif(sys.platform == "win32", reason="memory limits need POSIX")
def test_a_misbehaving_reader_costs_only_its_file(plugin: Path, what: str, reason: str) -> None:
    (plugin / "a.txt").write_text("The first text.")
    (plugin / "b.bad").write_text(what)
    (plugin / "c.txt").write_text("The last text.")
    found = outcomes(plugin)
    bad = found["b.bad"]
    assert isinstance(bad, SourceError)
    assert bad.source == "docs/b.bad"
    assert reason in bad.reason
    assert all(isinstance(found[name], ReadResult) for name in ("a.txt", "c.txt"))
    assert not list(plugin.glob("*.written"))
    assert (plugin / "b.bad").read_text() == what


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_file_whose_pictures_end_the_process_is_read_without_them(plugin: Path) -> None:
    """A library of OCR that ends by a signal costs the words in pictures, and says so; elsewhere it costs the file."""
    for name, what in (("a.bad", "ocr"), ("b.bad", "crash"), ("c.txt", "The last text.")):
        (plugin / name).write_text(what)
    found = outcomes(plugin, seconds=20.0)
    read_again, crashed = found["a.bad"], found["b.bad"]
    assert isinstance(read_again, ReadResult)
    assert read_again.documents[0].text == "ocr"
    assert "docs/a.bad: reading it ended the reading process (code -11)" in read_again.warnings[0]
    assert isinstance(crashed, SourceError)
    assert isinstance(found["c.txt"], ReadResult)


@pytest.mark.skipif(sys.platform == "win32", reason="processor limits need POSIX")
@pytest.mark.slow
def test_endless_work_is_ended_by_processor_time(plugin: Path) -> None:
    (plugin / "b.bad").write_text("spin")
    begin = time.monotonic()
    found = outcomes(plugin, seconds=30.0, cpu_seconds=1)
    assert isinstance(found["b.bad"], SourceError)
    assert time.monotonic() - begin < 25


def test_what_a_library_prints_does_not_disturb(plugin: Path) -> None:
    (plugin / "b.bad").write_text("print")
    result = outcomes(plugin)["b.bad"]
    assert isinstance(result, ReadResult)
    assert result.documents[0].text == "print"


def test_no_child_is_left_behind_when_the_caller_stops_early(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.txt").write_text("Some text.")
    before = set(psutil.Process().children(recursive=True))
    results = read_many(discover([tmp_path]).files, workers=2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert not [child for child in psutil.Process().children(recursive=True) if child not in before]


def test_the_worker_imports_nothing_heavy() -> None:
    code = "import index.sources.sandbox.worker, index.sources.registry as r, sys; r.readers(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {
        "torch",
        "faiss",
        "gradio",
        "sentence_transformers",
        "openvino",
        "trafilatura",
        "pypdfium2",
        "icu4py",
    }


def test_results_are_the_same_in_and_out_of_the_sandbox(seeds: Path) -> None:
    files = discover([seeds]).files
    for file, result in read_many(files):
        assert isinstance(result, ReadResult)
        assert result == read(file)


def test_order_is_kept_with_many_workers(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:03}.txt").write_text(f"Text number {number}.")
    texts = [
        r.documents[0].text for _, r in read_many(discover([tmp_path]).files, workers=4) if isinstance(r, ReadResult)
    ]
    assert texts == [f"Text number {number}." for number in range(60)]


def test_no_code_of_the_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("yaml", "charset_normalizer", "index", "json"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')")
    (tmp_path / "a.md").write_text("---\ntitle: T\n---\nText.")
    monkeypatch.chdir(tmp_path)
    results = [result for file, result in read_many(discover([tmp_path]).files) if file.path.name == "a.md"]
    assert isinstance(results[0], ReadResult)
    assert not (tmp_path / "run").exists()


def test_the_child_gets_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1234")
    monkeypatch.setenv("MY_TOKEN", "t-1234")
    assert not {"sk-1234", "t-1234"} & set(sandbox._environment().values())


def test_a_missing_package_names_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 anything")
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(SourceError, match="needs the package pypdfium2"):
        read(discover([tmp_path]).files[0])


def test_a_file_that_vanished_is_named(tmp_path: Path) -> None:
    gone = SourceFile(tmp_path / "gone.txt", "docs/gone.txt", 1, 1, tmp_path)
    ((_, result),) = read_many([gone])
    assert isinstance(result, SourceError)
    assert "docs/gone.txt" in str(result)


def test_nothing_to_read_starts_nothing() -> None:
    assert list(read_many([])) == []


def test_documents_survive_the_wire(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: T\ntopics: [a, b]\n---\n# H\n\nText ‌with joiners \U0001f469‍\U0001f469.\n"
    )
    document = read(discover([tmp_path]).files[0]).documents[0]
    assert document_from(json.loads(json.dumps(document_to(document)))) == document


def test_options_reach_the_child(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("k,v\none,first value\ntwo,second value\n")
    ((_, result),) = read_many(discover([tmp_path]).files, options=ReadOptions(text_field="v", title_field="k"))
    assert isinstance(result, ReadResult)
    assert [(d.title, d.text, d.source) for d in result.documents] == [
        ("one", "first value", f"{tmp_path.name}/a.csv#1"),
        ("two", "second value", f"{tmp_path.name}/a.csv#2"),
    ]


def test_an_entry_point_that_is_no_reader_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("odd", "json:loads", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    registry.readers.cache_clear()
    try:
        with pytest.raises(ConfigError, match="odd"):
            registry.readers()
    finally:
        registry.readers.cache_clear()


def test_every_format_module_has_a_reader() -> None:
    found = registry.readers()
    assert len({reader.name for reader in found}) == len(found) >= 17
    assert all(isinstance(reader, Reader) for reader in found)
    assert Extract(text="x").number is None
