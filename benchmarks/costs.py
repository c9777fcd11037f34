"""Table 8: what each stage costs, at indexing and for a question; every text is embedded anew here."""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import index
from benchmarks.data import questions, texts, thinned
from benchmarks.pools import Bench
from benchmarks.tables import show
from index.building.passages.chunking import embedding_text, sentence_embedding_text
from index.building.report import Progress
from index.opening.opened import Index
from rag import Assistant
from rag.retrieval.retrieve import retrieve

_ASKED = 200


def costs(bench: Bench) -> None:
    """Index the English paragraphs from nothing, and ask the index one question after another."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = folder / "texts.jsonl"
        corpus = texts(bench.data / "xquad" / "en")
        rows = [{"id": text.id, "title": text.title, "text": text.text} for text in corpus]
        source.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        _indexing(folder, source)
        with index.open(folder / "index") as opened:
            _embedding(opened)
            asked = [question.text for question in thinned(questions(bench.data / "xquad" / "en"), _ASKED)]
            _asking(opened, Assistant(folder / "index"), asked)


def _indexing(folder: Path, source: Path) -> None:
    stages: dict[str, float] = defaultdict(float)
    at, since = "start", time.perf_counter()

    def note(step: Progress) -> None:
        nonlocal at, since
        now = time.perf_counter()
        stages[at] += now - since
        at, since = step.stage, now

    report = index.build([source], index_dir=folder / "index", embedder="bundled", progress=note)
    stages[at] += time.perf_counter() - since
    rows = [[stage, f"{seconds:.2f}"] for stage, seconds in stages.items()]
    show(f"indexing {report.passages} passages, loading the model included", ["stage", "seconds"], rows)


def _embedding(opened: Index) -> None:
    """Tell what the sentence vectors add to the passage vectors."""
    store, embedder = opened.store, opened.embedder
    passages, sentences = [], []
    for name in store.document_ids():
        document = store.document(name)
        keys = store.keys(name)
        for key, passage in zip(keys, store.passages(keys), strict=True):
            passages.append(embedding_text(document.title, passage))
            for each in store.sentences([key])[0][0]:
                text = document.text[each.start : each.end]
                sentences.append(sentence_embedding_text(document.title, passage, text))
    sentences = list(dict.fromkeys(sentences))
    embedder.embed_passages(passages[:64])
    rows = []
    for label, some in (("passages", passages), ("sentences", sentences)):
        tokens = sum(map(embedder.count_tokens, some))
        started = time.perf_counter()
        embedder.embed_passages(some)
        seconds = time.perf_counter() - started
        rows.append([label, len(some), tokens, f"{seconds:.2f}", f"{tokens / seconds:.0f}"])
    show("embedding, warm", ["texts", "number", "tokens", "seconds", "tokens/s"], rows)


def _asking(opened: Index, assistant: Assistant, asked: list[str]) -> None:
    vectors = {text: opened.embed_query(text)[0] for text in asked}
    raw = {text: opened.embedder.embed_query(text) for text in asked}
    stages: list[tuple[str, Callable[[str], object]]] = [
        ("question embedded", opened.embedder.embed_query),
        (
            "language told and taken out",
            lambda text: opened.alignment.align_query(raw[text], opened.alignment.language_of(text, raw[text])),
        ),
        ("dense search", lambda text: opened.store.dense(vectors[text], 100)),
        ("keywords", lambda text: opened.store.keyword(text, 400)),
        ("all of retrieval", lambda text: retrieve(opened, text, 5)),
        ("answer with checked quotes, all in all", assistant.answer),
    ]
    for text in asked[:20]:
        assistant.answer(text)
    bare = 0.0
    rows = []
    for label, call in stages:
        wall, processor = _milliseconds(call, asked)
        bare = bare or processor
        rows.append([label, f"{wall:.2f}", f"{processor:.2f}", f"{processor / bare:.2f}×"])
    show(
        f"one question, {len(asked)} one after another",
        ["stage", "ms, median", "ms of processor time, median", "by the question's embedding"],
        rows,
    )
    _crowd(assistant, asked)


def _milliseconds(call: Callable[[str], object], asked: list[str]) -> tuple[float, float]:
    """Return the median milliseconds of a call, by the clock and of the processor's."""
    times, spent = [], []
    for text in asked:
        started, used = time.perf_counter(), time.process_time()
        call(text)
        times.append(1000 * (time.perf_counter() - started))
        spent.append(1000 * (time.process_time() - used))
    return median(times), median(spent)


def _crowd(assistant: Assistant, asked: list[str]) -> None:
    """Let threads share the questions: how many a second get answered, and whether as by one alone."""
    rows, alone, right = [], 0.0, [str(assistant.answer(text)) for text in asked]
    for people in (1, 2, 8):
        with ThreadPoolExecutor(people) as pool:
            started = time.perf_counter()
            answers = list(pool.map(lambda text: str(assistant.answer(text)), asked))
            speed = len(asked) / (time.perf_counter() - started)
        alone = alone or speed
        rows.append([people, f"{speed:.1f}", f"{speed / alone:.2f}×", sum(map(str.__ne__, answers, right))])
    show("answers by several threads", ["threads", "a second", "by one", "other answers"], rows)
