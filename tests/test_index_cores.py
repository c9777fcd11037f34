"""Questions that are embedded at the same time: the same vectors as alone, each on one core."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.embedders.bundled import BundledEmbedder
from index.embedders.cores import Crowd, OpenMP

QUESTIONS = [f"Where is Factory {number}{' of the AOI' * (number % 5)}, وأين يقع؟" for number in range(40)]


def test_a_crowd_gets_the_vectors_that_each_would_get_alone() -> None:
    embedder = BundledEmbedder()
    alone = [embedder.embed_query(question) for question in QUESTIONS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embedder.embed_query, QUESTIONS * 3))
    assert [vector.tobytes() for vector in together] == [vector.tobytes() for vector in alone * 3]


def test_a_crowd_is_who_asks_beside_others_and_is_over_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd, now, told = Crowd(), [100.0], list[bool]()
    monkeypatch.setattr("index.embedders.cores.time.monotonic", lambda: now[0])
    assert not any(crowd.joined() for _ in range(50))  # one who asks again and again is none
    other = threading.Thread(target=lambda: told.append(crowd.joined()))
    other.start()
    other.join()
    assert told == [True]
    assert crowd.joined()
    now[0] += 1
    assert not crowd.joined()


def test_a_thread_has_all_cores_again_afterwards() -> None:
    embedder = BundledEmbedder()
    cores = embedder._cores
    assert cores is not None
    before = cores.threads()
    with cores.one_core():
        assert cores.threads() == 1
        elsewhere: list[int] = []
        other = threading.Thread(target=lambda: elsewhere.append(cores.threads()))
        other.start()
        other.join()
        assert elsewhere == [before]
    assert cores.threads() == before


def test_a_library_without_openmp_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"none\.so"):
        OpenMP(tmp_path / "none.so")
