"""Parts of a package that breaks every promise; what stands behind the colon of a spec says which one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from index.embedders.hashing import HashingEmbedder
from index.sources.types import Extract
from rag import Reading
from rag.llms.events import Quoted
from rag.reading.types import Verdict


def fails(*_, **__):
    raise OSError("the disk is full")


def takes_nothing():
    return None


EMBEDDED = {
    "fewer": lambda rows: rows[:-1],
    "narrow": lambda rows: rows[:, :-1],
    "nothing": lambda rows: None,
    "not-numbers": lambda rows: rows * np.nan,
    "words": lambda rows: ["x"] * len(rows),
    "double": lambda rows: 7 * rows.astype(np.float64),
    "fails": fails,
    "lists": lambda rows: rows.tolist(),
}


class Embedder(HashingEmbedder):
    def __init__(self, how):
        super().__init__()
        self.passages = EMBEDDED.get(how, lambda rows: rows)
        self.query = EMBEDDED.get(how.removeprefix("asked-"), lambda rows: rows)

    def embed_passages(self, texts, *, progress=None):
        return self.passages(super().embed_passages(texts, progress=progress))

    def embed_query(self, text):
        return self.query(super().embed_query(text)[None])[0]


def unnamed(how):
    made = Embedder(how)
    made.fingerprint = None
    return made


class Reranker:
    most = 10

    def __init__(self, how):
        self.how = {
            "fewer": lambda hits: hits[:1],
            "more": lambda hits: (*hits, hits[0]),
            "nothing": lambda hits: None,
            "places": lambda hits: tuple(range(len(hits))),
            "forged": lambda hits: tuple(replace(hit, passage=replace(hit.passage, text="forged")) for hit in hits),
            "not-numbers": lambda hits: tuple(replace(hit, score=float("nan")) for hit in hits),
            "fails": fails,
            "list": lambda hits: list(reversed(hits)),
        }[how]

    def __call__(self, question, passages):
        return self.how(tuple(passages))


def judge(how):
    return {"fails": fails, "word": lambda quote, claim: "maybe", "nothing": lambda quote, claim: None, "none": 5}[how]


def _reading(hit, **wrong):
    shares = (-1.0,) * len(hit.sentences)
    start = hit.passage.start
    right = {"answers": 1.0, "start": start, "end": start + 3, "span": 0.0, "sentences": shares, "words": shares}
    return Reading(**{**right, **wrong})


class PassageReader:
    spec = "careless"

    def __init__(self, how):
        self.how = {
            "fewer": lambda hits: [],
            "nothing": lambda hits: None,
            "outside": lambda hits: [_reading(hit, start=-5, end=-1) for hit in hits],
            "backwards": lambda hits: [_reading(hit, start=hit.passage.end, end=hit.passage.start) for hit in hits],
            "not-numbers": lambda hits: [_reading(hit, answers=float("nan")) for hit in hits],
            "no-sentences": lambda hits: [_reading(hit, sentences=(), words=()) for hit in hits],
            "words": lambda hits: ["x" for _ in hits],
            "others": lambda hits: [_reading(hit, others=((0, 10**6, -1.0),)) for hit in hits],
            "fails": fails,
            "tuple": lambda hits: tuple(_reading(hit) for hit in hits),
        }[how]

    def read(self, question, passages):
        return self.how(passages)


class ClaimReader(PassageReader):
    def judge(self, pairs):
        return [Verdict(1.0, 0.0, 0.0)] * (len(pairs) + 1)


class Backend:
    def __init__(self, how):
        self.spec = f"careless:{how}"
        self.how = how

    def stream(self, messages):
        yield "Foxes run "
        yield {"bytes": b"[1].", "nothing": None, "number": 5, "far": Quoted(99, 0, 5)}[self.how]


class Late(Backend):
    def stream(self, messages):
        yield "Foxes run "
        fails()


class Silent(Backend):
    def stream(self, messages):
        return None


class Unnamed:
    def stream(self, messages):
        yield "Foxes run [1]."


def sniffs(how):
    """Return how sure a format is of a file."""
    return {"fails": fails, "nothing": lambda head: None, "word": lambda head: "yes", "much": lambda head: 99.0}[how]


def reads(how):
    return {
        "fails": fails,
        "nothing": lambda data, context: None,
        "words": lambda data, context: ["words"],
        "bytes": lambda data, context: [Extract(text=b"bytes")],
        "untitled": lambda data, context: [Extract(text="words", title=None)],
    }[how]
