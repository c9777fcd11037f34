"""A training run with a clock: learning rate, checkpoints, what is printed.

A run lasts a given time, not a number of steps, because a lent machine does. Its state is written every so often and at
the end, each file complete or not at all, so that a run that was killed goes on where it was.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["Clock", "Log", "load_state", "roc_auc", "save_state", "save_weights"]

_LEAST = 0.01  # of the learning rate at the end
_PARTS = 3  # files of trained weights, so that each stays under the size that a machine gives back


class Log:
    """Prints lines with the seconds since the start, and keeps them in a file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._started = folder / "log.txt", time.monotonic()

    def __call__(self, line: str) -> None:
        """Print one line."""
        text = f"{time.monotonic() - self._started:5.0f} s  {line}"
        print(text, flush=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text + "\n")


@dataclass
class Clock:
    """How far a run is.

    Attributes:
        seconds: how long it shall last, what was spent before a kill included.
        warm_up: steps over which the learning rate rises.
        spent: seconds of training so far.
        step: steps so far.
    """

    seconds: float
    warm_up: int
    spent: float = 0.0
    step: int = 0

    def ticks(self) -> Iterator[float]:
        """Yield the factor of the learning rate before each step: up in `warm_up` steps, then down to the end."""
        last = time.monotonic()
        while self.spent < self.seconds:
            yield min(1.0, (self.step + 1) / self.warm_up) * max(_LEAST, 1 - self.spent / self.seconds)
            self.step += 1
            now = time.monotonic()
            self.spent, last = self.spent + now - last, now


def save_state(path: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, clock: Clock) -> None:
    """Write all that a run needs to go on."""
    rest = path.with_suffix(".part")
    clocked = {"spent": clock.spent, "step": clock.step}
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "clock": clocked}, rest)
    rest.replace(path)


def load_state(path: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, clock: Clock) -> bool:
    """Go on with a run that was killed; `False` when there is none."""
    if not path.exists():
        return False
    state = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    clock.spent, clock.step = float(state["clock"]["spent"]), int(state["clock"]["step"])
    return True


def save_weights(folder: Path, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    """Write tensors in float16 under their public names, in files of like size, and what is to be known of the run."""
    arrays: dict[str, NDArray[np.float16]] = {k: v.detach().half().cpu().numpy() for k, v in tensors.items()}
    room = sum(array.nbytes for array in arrays.values()) / _PARTS
    parts: list[dict[str, NDArray[np.float16]]] = [{} for _ in range(_PARTS)]
    filled = 0.0
    for name, array in arrays.items():
        parts[min(int(filled / room), _PARTS - 1)][name] = array
        filled += array.nbytes
    for number, part in enumerate(parts):
        rest = folder / f"weights-{number}.part.npz"
        np.savez(rest, allow_pickle=False, **part)
        rest.replace(folder / f"weights-{number}.npz")
    (folder / "about.json").write_text(json.dumps(about, indent=1, sort_keys=True), encoding="utf-8")


def roc_auc(yes: NDArray[np.floating[Any]], no: NDArray[np.floating[Any]]) -> float:
    """Return how often a value of `yes` is above one of `no`, ties counting half; nan without both."""
    if not len(yes) or not len(no):
        return float("nan")
    ordered = np.sort(no)
    below = np.searchsorted(ordered, yes, "left") + np.searchsorted(ordered, yes, "right")
    return float(below.mean() / 2 / len(no))
