"""The wheel, built and used outside the clone: what a person gets who installs the package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def rag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it into an empty environment, return its `rag` command.

    The dependencies are lent from the environment that runs the test: its editable install of the project is not
    visible through a plain path entry, so what is imported is the wheel's.
    """
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    environment = folder / "clean environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin" / "rag"


def run(command: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that sees neither settings nor modules of whoever runs the test."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("RAG_", "PYTHON", "XDG_"))}
    environment |= {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache")}
    return subprocess.run([command, *arguments], cwd=home, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_the_wheel_answers_outside_the_clone(rag: Path, tmp_path: Path) -> None:
    code = "import index, rag, ui; print(index.__file__, rag.__file__, ui.__file__)"
    where = run(rag.parent / "python", "-c", code, home=tmp_path).stdout
    assert where and str(ROOT) not in where
    indexed = run(rag, "index", home=tmp_path)
    assert indexed.returncode == 0, indexed.stderr
    assert "5 added" in indexed.stdout
    asked = run(rag, "ask", "--json", "Who heads the AOI?", home=tmp_path)
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert not answer["refused"]
    assert any("Terras" in citation["quote"] for citation in answer["citations"])


@pytest.mark.slow
def test_the_wheel_carries_the_weights_of_the_reader(rag: Path, tmp_path: Path) -> None:
    code = (
        "from rag.reading import load_reader; print(load_reader().judge([('It is red.', 'It is red.')])[0].supported)"
    )
    output = run(rag.parent / "python", "-c", code, home=tmp_path)
    assert output.returncode == 0, output.stderr
    assert float(output.stdout) > 0.5
