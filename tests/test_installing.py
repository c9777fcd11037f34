"""What `make` installs is what was pinned, to the byte, with a torch that brings no GPU libraries."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import hashes


def test_every_pin_has_its_digests_and_no_other_has() -> None:
    pins, locked = ((ROOT / name).read_text("utf-8") for name in ("constraints.txt", "hashes.txt"))
    assert hashes.pinned(pins) == hashes.pinned(locked) and len(hashes.pinned(pins)) > 100
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", locked):
        if "==" in block:
            assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block[:60]
    assert not re.search(r"https?://|file:|^--", locked, re.MULTILINE)


def test_make_installs_nothing_else() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "--require-hashes" in makefile and "-r hashes.txt" in makefile


_PYTHON = """#!/bin/sh
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *"pip download"*--index-url*) mkdir -p .venv/torch; test "$THERE" && printf $THERE > .venv/torch/torch-1+cpu.whl ;;
  *"pip download"*) mkdir -p .venv/torch && printf "$ELSE" > .venv/torch/torch-1.whl ;;
  *"pip hash"*) echo "--hash=sha256:$(sha256sum "$4" | cut -d' ' -f1)" ;;
  *"-m uv pip install"*)
    echo "$@" > asked
    test "$UV" || { echo "no way there" >&2; exit 2; }
    echo "/$UV" > installed ;;
  *"pip install"*torch-1*) echo "$@" > installed ;;
esac
"""
_INDEX = "https://torch.example"


def made(folder: Path, *settings: str, **around: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run `make` with a Python that only notes what it is asked for; return what it said and which torch it took."""
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("pyproject.toml", "constraints.txt"):
        (folder / name).touch()
    known = "".join(f"    --hash=sha256:{hashlib.sha256(each).hexdigest()} \\\n" for each in (b"cpu", b"gpu"))
    last = "    --hash=sha256:00\n"
    pins = "".join(f"{name}==1 \\\n{known if name == 'torch' else ''}{last}" for name in ("pip", "torch", "uv"))
    (folder / "hashes.txt").write_text(pins)
    python = folder / "python"
    python.write_text(_PYTHON)
    python.chmod(0o755)
    command = ["make", "--silent", ".venv/.installed", f"PYTHON={python}", *settings]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **around}, capture_output=True, text=True)
    taken = folder / "installed"
    return done, taken.read_text().split("/")[-1].strip() if taken.exists() else ""


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(
    ("index", "there", "uv", "wheel"),
    [
        (_INDEX, "cpu", "", "torch-1+cpu.whl"),
        (_INDEX, "", "by-uv", "by-uv"),
        (_INDEX, "forged", "by-uv", "by-uv"),
        (_INDEX, "", "", "torch-1.whl"),
        (_INDEX, "forged", "", "torch-1.whl"),
        ("", "cpu", "by-uv", "by-uv"),
        ("", "cpu", "", "torch-1.whl"),
    ],
)
def test_make_takes_torch_without_gpu_libraries_where_it_is_the_pinned_one(
    tmp_path: Path, index: str, there: str, uv: str, wheel: str
) -> None:
    done, taken = made(tmp_path, "TORCH_BACKEND=cpu", f"TORCH_INDEX={index}", THERE=there, UV=uv, ELSE="gpu")
    assert done.returncode == 0 and taken == wheel, done.stderr
    assert ("GB of GPU libraries" in done.stdout) == (wheel == "torch-1.whl")
    assert ("no way there" in done.stderr) == (wheel == "torch-1.whl")


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_uv_is_asked_for_the_build_for_processors_by_its_digests(tmp_path: Path) -> None:
    made(tmp_path, "TORCH_BACKEND=cpu", UV="by-uv", ELSE="gpu")
    asked = (tmp_path / "asked").read_text()
    assert "--torch-backend cpu" in asked and "--require-hashes" in asked and "--no-deps" in asked
    listed = (tmp_path / asked.split(" -r ")[1].strip()).read_text()
    # Digests of "1" would not count for "1+cpu": uv compares the whole version, pip does not.
    assert hashes.pinned(listed) == {"torch": "1+cpu"} and listed.count("--hash=") == 3


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(("system", "settings"), [("Linux", ["TORCH_BACKEND="]), ("Darwin", [])])
def test_pip_alone_is_asked_where_somebody_says_so_or_its_torch_has_no_gpu_libraries(
    tmp_path: Path, system: str, settings: list[str]
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "uname").write_text(f"#!/bin/sh\necho {system}\n")
    (programs / "uname").chmod(0o755)
    around = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "UV": "by-uv", "ELSE": "gpu"}
    done, taken = made(tmp_path, *settings, **around)
    assert taken == "torch-1.whl" and not (tmp_path / "asked").exists() and not done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_a_torch_that_is_not_the_pinned_one_is_never_installed(tmp_path: Path) -> None:
    done, taken = made(tmp_path, UV="", ELSE="forged")
    assert done.returncode != 0 and not taken


def test_the_pinned_torch_has_builds_for_processors() -> None:
    text = (ROOT / "hashes.txt").read_text("utf-8")
    pin = f"torch=={hashes.pinned(text)['torch']}"
    # Beside the files of the usual index: one of each Python on Linux, for two kinds of processors.
    assert len(hashes.digests_of(text, pin)) >= 24 + 8


def test_one_more_wheel_of_a_pinned_version_is_allowed(tmp_path: Path) -> None:
    text = "torch==2.13.0 \\\n    --hash=sha256:" + "a" * 64 + "\n"
    wheel = tmp_path / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl"
    wheel.write_bytes(b"wheel")
    more = hashes.with_wheel(text, wheel)
    assert more.count("--hash=") == 2 and hashes.with_wheel(more, wheel) == more
    with pytest.raises(SystemExit, match=r"no torch==9\.9"):
        hashes.with_wheel(text, wheel.rename(tmp_path / "torch-9.9-py3-none-any.whl"))


def pins_of_torch(version: str, *digits: str) -> str:
    lines = " \\\n".join(f"    --hash=sha256:{digit * 64}" for digit in digits)
    return f"tomlkit==1 \\\n    --hash=sha256:{'e' * 64}\ntorch=={version} \\\n{lines}\n"


def test_digests_of_builds_for_processors_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    answer = pins_of_torch("2+cpu", "b", "c")
    monkeypatch.setattr(hashes, "locked", lambda *options, pins: asked.append((options, pins)) or answer)
    text = hashes.with_builds_for_processors(pins_of_torch("2", "a", "b"), before="")
    assert sorted(each[0] for each in hashes.digests_of(text, "torch==2")) == ["a", "b", "c"]
    assert asked == [(("--torch-backend", "cpu"), "torch==2")]


def test_where_they_are_not_to_be_had_those_of_the_same_version_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreached(*options: str, pins: str) -> str:
        raise SystemExit("no way there")

    monkeypatch.setattr(hashes, "locked", unreached)
    for before, kept in (("2", ["a", "c"]), ("1", ["a"])):
        text = hashes.with_builds_for_processors(pins_of_torch("2", "a"), pins_of_torch(before, "a", "c"))
        assert sorted(each[0] for each in hashes.digests_of(text, "torch==2")) == kept


def test_a_program_that_is_missing_or_fails_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="pip install uv"):
        hashes.locked()
    (tmp_path / "uv").write_text("#!/bin/sh\necho 'no such pin' >&2\nexit 2\n")
    (tmp_path / "uv").chmod(0o755)
    with pytest.raises(SystemExit, match="no such pin"):
        hashes.locked()
