"""From the data folder to a bundle before a training, and from a run to the shipped file after it.

The project's packages are imported only when one of the two is asked for, so that `--bundle` alone needs torch and
NumPy and nothing else.
"""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_places", "bundle_and_run", "ship_encoder", "ship_reader"]

_COMPLETE = "weights.npz"  # a bundle is moved to its place when all is written; this file tells that it is one
_HALF = 1.0  # weight of the carried encoder beside the trained one: half-way serves languages that the data lacks


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that tell where data, bundle and results lie."""
    parser.add_argument("--data", type=Path, help="folder with qa-train and claims-train")
    parser.add_argument("--bundle", type=Path, help="folder made by tools.training.bundle (with --data: made there)")
    parser.add_argument(
        "--out", type=Path, required=True, help="with --data the shipped file, else a folder for weights, state and log"
    )
    parser.add_argument("--work", type=Path, help="with --data: folder for bundle and run (default: OUT.work)")
    parser.add_argument("--most", type=int, default=0, help="with --data: at most so many questions (0: all)")
    parser.add_argument("--save-every", type=float, default=120.0, help="seconds between two states to go on from")


def bundle_and_run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> tuple[Path, Path]:
    """Return the folders of the bundle and of the run; make the bundle where `--data` is given and there is none."""
    out: Path = options.out
    if options.data is None:
        if options.bundle is None:
            parser.error("name a folder with --data or --bundle")
        if not (options.bundle / _COMPLETE).exists():
            parser.error(f"{options.bundle} holds no bundle; python -m tools.training.bundle makes one")
        return options.bundle, out
    if out.suffix != ".safetensors":
        parser.error(f"with --data, --out names the shipped file: FILE.safetensors, not {out.name}")
    for name in ("qa-train", "claims-train"):
        if not (options.data / name).is_dir():
            parser.error(f"{options.data} holds no folder {name}")
    work: Path = options.work or out.with_name(out.name + ".work")
    bundle: Path = options.bundle or work / "bundle"
    if not (bundle / _COMPLETE).exists():
        _made(options.data, bundle, options.most)
    return bundle, work / "run"


def _made(data: Path, bundle: Path, most: int) -> None:
    """Make a bundle beside its place and move it there: what was cut short is never taken for one."""
    from tools.training.bundle import main as make

    part = bundle.with_name(bundle.name + ".part")
    make(["--data", str(data), "--out", str(part), "--questions", str(most)])
    part.rename(bundle)


def ship_reader(run: Path, out: Path) -> None:
    """Join the files of a run and pack them as the reader is shipped."""
    from safetensors.numpy import save_file

    from tools.pack_reader import pack
    from tools.training.average import half_precision, read_weights

    joined = run / "joined.safetensors"
    save_file(half_precision(read_weights(run)), joined, metadata={"trained by": "tools/train_reader"})
    digest = pack(joined, out, {})
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, SHA-256 {digest}")


def ship_encoder(run: Path, out: Path) -> None:
    """Join the files of a run and go half-way back to the carried encoder."""
    from tools.training.average import main as average

    average([str(out), f"1:{run}", f"{_HALF:g}:carried"])
