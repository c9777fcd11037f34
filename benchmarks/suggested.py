"""Table 12: topics of a library and suggested questions, on XQuAD's articles.

Topics: each paragraph of eight articles is a document, in one of the six languages in turn; a group is pure as far as
its documents are of one article. Suggestions: eight articles of one language are the library; of the questions that are
made from them, those are shown that asking answers; they are right where the first quote is of the document meant and
holds the term that is asked about.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import index
from benchmarks.data import LANGUAGES, Text, texts
from benchmarks.pools import Bench
from benchmarks.tables import show
from rag import Assistant
from rag.evaluation.metrics import mean
from rag.overview.contents.suggesting import candidates, is_answered

__all__ = ["suggestions", "topics"]

_ARTICLES = 8
_TRIED = 24


def topics(bench: Bench) -> None:
    """Group paragraphs of several languages, and of each alone."""
    corpus = _corpus(bench)
    rows: list[list[object]] = []
    for code in (*LANGUAGES, "all"):
        files = dict(_paragraph_files(corpus, LANGUAGES if code == "all" else (code,)))
        with _library(files) as assistant:
            found = assistant.library("en" if code == "all" else code).topics
        groups = [Counter(name.partition("__")[0] for name in topic.documents) for topic in found]
        pure = sum(group.most_common(1)[0][1] for group in groups if group)
        words = "; ".join(topic.words[0] for topic in found)
        rows.append([code, len(files), len(groups), pure / len(files), words])
    show(f"topics: paragraphs of {_ARTICLES} articles", ["", "documents", "topics", "pure %", "first words"], rows)


def suggestions(bench: Bench) -> None:
    """Ask the questions that are made from articles."""
    corpus = _corpus(bench)
    rows: list[list[object]] = []
    for code in LANGUAGES:
        with _library(dict(_article_files(corpus[code]))) as assistant, assistant.reading() as opened:
            made = list(islice(candidates(opened.store, code), _TRIED))
            answers = [(assistant.answer(question), holds) for question, holds in made]
            shown = [(answer, holds) for answer, holds in answers if is_answered(answer, holds)]
            firsts = [(answer.citations[0], holds) for answer, holds in shown]
            right = [holds == first.document_id or holds in first.quote for first, holds in firsts]
        rows.append([code, len(made), len(shown), mean([float(one) for one in right]) or 0.0])
    show("suggestions", ["", "made", "shown", "right in the first quote %"], rows)


def _corpus(bench: Bench) -> dict[str, list[Text]]:
    """Return the paragraphs of each language; nothing is embedded but what is built."""
    return {code: texts(bench.data / "xquad" / code, titled=True) for code in LANGUAGES}


def _paragraph_files(corpus: Mapping[str, Sequence[Text]], codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    names = list(dict.fromkeys(each.article for each in corpus[codes[0]]))[:_ARTICLES]
    for article in names:
        for place, code in enumerate(codes):
            own = [each for each in corpus[code] if each.article == article]
            for number, each in enumerate(own):
                if number % len(codes) == place:
                    yield f"{article}__{number}{code}", each.text


def _article_files(written: Sequence[Text]) -> Iterator[tuple[str, str]]:
    for article in list(dict.fromkeys(each.article for each in written))[:_ARTICLES]:
        yield article, "\n\n".join(each.text for each in written if each.article == article)


@contextmanager
def _library(files: Mapping[str, str]) -> Iterator[Assistant]:
    """Build an index of some texts, without the language in their names being told."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "texts"
        source.mkdir()
        for stem, text in files.items():
            (source / f"{stem}.txt").write_text(text, "utf-8")
        index.build([source], index_dir=Path(name) / "index")
        live = index.LiveIndex(Path(name) / "index")
        try:
            yield Assistant(index=live)
        finally:
            live.close()
