"""Texts of ever new lengths leave nothing behind in the library that runs the models."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # a minute of inference; `test_memory.py` looks at all that reads a text

SHAPES = """
import random, sys
import numpy as np, psutil
from index.embedders.bundled.graphs import graph
if sys.argv[1] == "careless":
    bounded = graph.options_of
    graph.options_of = lambda *given: {**bounded(*given), "CPU_RUNTIME_CACHE_CAPACITY": "5000"}
from rag.reading.loading import load_reader
network = load_reader("bundled")._loaded().network
shapes = [(rows, length) for rows in range(1, 7) for length in range(4, 60)]
random.Random(1).shuffle(shapes)
sizes = []
for number, (rows, length) in enumerate(shapes[:300]):
    with network._runner.now() as requests:
        states = np.full((rows, length, 384), 0.1, np.float32)
        requests.infer([states, np.ones((rows, length), np.float32), np.zeros((rows, length), np.int32)])
    if number in (99, 299):
        sizes.append(psutil.Process().memory_info().rss)
print((sizes[1] - sizes[0]) // 1_000_000)
"""
MEGABYTES = 30


def growth(how: str, capacity: str | None) -> int:
    """Return by how many megabytes a process has grown over two hundred sizes, after a hundred others."""
    environment = {name: value for name, value in os.environ.items() if name != "ONEDNN_PRIMITIVE_CACHE_CAPACITY"}
    environment |= {} if capacity is None else {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": capacity}
    command = [sys.executable, "-c", SHAPES, how]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True)
    return int(done.stdout)


def test_kernels_of_few_sizes_are_kept() -> None:
    assert growth("ours", None) < MEGABYTES


def test_a_library_that_keeps_those_of_every_size_is_caught() -> None:
    assert growth("careless", "1024") > MEGABYTES
