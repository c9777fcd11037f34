"""All that a machine with only torch and NumPy needs to train both models, in one folder.

    qa.npz       token ids of paragraphs, titles and questions; sentence of each token; span of the answer; which
                 sentences hold it; article, language, data set and parallel key
    claims.npz   token ids of claims and passages, labels
    weights.npz  the carried encoder's blocks of 4 bits, only those word rows that occur
    begin-*.npz  trained weights to begin from, as rows of 8 bits, where they are given

`python -m tools.training.bundle --data DIR --out DIR [--reader FILE] [--encoder FILE]`. Token ids are places in the
list of word rows kept, so that the bundle stays under 60 MB when packed with xz.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.embedders.bundled.packed import PackedModel, bundled_model_path, read_packed
from tools.export_encoder import tokenizer_settings
from tools.training.answered_claims import with_answered_claims
from tools.training.arrays import MOST_SENTENCES, to_rows
from tools.training.average import read_weights
from tools.training.claims import made_claims
from tools.training.conditions import conditioned
from tools.training.corpus import Claim, Corpus, read_claims, read_corpus
from tools.training.near_misses import near_misses
from tools.training.scenes import read_scenes, scene_claims, with_scenes
from tools.training.typed import typed_questions

__all__ = ["main", "pack_bundle", "write_bundle"]

_SPECIAL = (0, 1, 2, 3)  # begin, padding, end, unknown keep their numbers
_UNKNOWN = 3
_MOST_OF_CLAIM, _MOST_OF_PASSAGE = 110, 330  # tokens
_TOGETHER = 500  # texts tokenised at once
_QUESTIONS = 107_916  # of people, in all data sets

Arrays = dict[str, NDArray[Any]]
Short = Callable[[Iterable[Sequence[int]]], list[list[int]]]
"""Token ids to places in the list of word rows kept."""


class Words:
    """The tokenizer and the word rows that a bundle keeps.

    Args:
        model: the carried encoder.
        least: word rows that occur less often are left out, their tokens become unknown.
    """

    def __init__(self, model: PackedModel, least: int = 1) -> None:
        self._tokenizer = Tokenizer.from_str(json.dumps(tokenizer_settings(model)))
        self._least = least
        self._count: Counter[int] = Counter()
        self.prefixes = {kind: self._encode([f"{kind}:"])[0].ids for kind in ("query", "passage")}

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Tokenise the texts and count their tokens."""
        found = self._encode(texts)
        for one in found:
            self._count.update(one.ids)
        return found

    def _encode(self, texts: Sequence[str]) -> list[Encoding]:
        found: list[Encoding] = []
        for start in range(0, len(texts), _TOGETHER):
            found += self._tokenizer.encode_batch(list(texts[start : start + _TOGETHER]), add_special_tokens=False)
        return found

    def rows(self) -> list[int]:
        """Return the token ids that are kept, ascending."""
        kept = {token for token, count in self._count.items() if count >= self._least}
        return sorted(kept.union(_SPECIAL, *self.prefixes.values()))


def write_bundle(corpus: Corpus, claims: Sequence[Claim], out: Path, least: int = 1) -> int:
    """Write the three files of data and weights; returns how many word rows were kept."""
    out.mkdir(parents=True, exist_ok=True)
    model = read_packed(bundled_model_path())
    words = Words(model, least)
    qa, claimed = _Questions(corpus, words), _Claims(claims, corpus, words)
    rows = words.rows()
    place = {token: number for number, token in enumerate(rows)}
    unknown = place[_UNKNOWN]

    def short(found: Iterable[Sequence[int]]) -> list[list[int]]:
        return [[place.get(token, unknown) for token in ids] for ids in found]

    np.savez(out / "qa.npz", allow_pickle=False, **qa.arrays(short))
    np.savez(out / "claims.npz", allow_pickle=False, **claimed.arrays(short))
    np.savez(out / "weights.npz", allow_pickle=False, **_carried(model, rows))
    return len(rows)


class _Questions:
    """Tokens of paragraphs and questions, and where the answers lie in them."""

    def __init__(self, corpus: Corpus, words: Words) -> None:
        self._corpus, self._words = corpus, words
        self._bodies = words.encode([p.text for p in corpus.paragraphs])
        self._titles = words.encode([p.title for p in corpus.paragraphs])
        self._asked = words.encode([q.text for q in corpus.questions])

    def arrays(self, short: Short) -> Arrays:
        corpus, asked = self._corpus, self._corpus.questions
        languages = sorted({p.language for p in corpus.paragraphs} | {q.language for q in asked})
        sets = sorted({q.source for q in asked})
        spans, holds = zip(*map(self._answer, range(len(asked))), strict=True)
        return {
            "paragraph": np.array([q.paragraph for q in asked], np.int32),
            "answered": np.array([q.answered for q in asked]),
            "span": np.array(spans, np.int32),
            "holds": np.array(holds, np.uint64),
            "passage_language": np.array([languages.index(p.language) for p in corpus.paragraphs], np.int16),
            "question_language": np.array([languages.index(q.language) for q in asked], np.int16),
            "article": _codes(p.article for p in corpus.paragraphs),
            "parallel": _codes(p.parallel for p in corpus.paragraphs),
            "set": np.array([sets.index(q.source) for q in asked], np.int32),
            "sets": np.array(sets),
            "prefix_query": np.array(short([self._words.prefixes["query"]])[0]),
            "prefix_passage": np.array(short([self._words.prefixes["passage"]])[0]),
            **_ragged("body", short(one.ids for one in self._bodies), np.uint32),
            **_ragged("sentence", [self._sentence_of(n) for n in range(len(self._bodies))], np.uint8),
            **_ragged("title", short(one.ids for one in self._titles), np.uint32),
            **_ragged("question", short(one.ids for one in self._asked), np.uint32),
        }

    def _sentence_of(self, place: int) -> list[int]:
        """Return the number of the sentence that each token of a paragraph stands in."""
        starts = [start for start, _ in self._corpus.sentences[place]] or [0]
        found, at = [], 0
        for start, end in self._bodies[place].offsets:
            while at < len(starts) - 1 and (start + end) / 2 >= starts[at + 1]:
                at += 1
            found.append(min(at, MOST_SENTENCES - 1))
        return found

    def _answer(self, number: int) -> tuple[tuple[int, int], int]:
        """Return first and last token of the answer, and a bit for each sentence that holds its words."""
        question = self._corpus.questions[number]
        if not question.answered:
            return (-1, -1), 0
        start, end = question.start, question.start + len(question.answer)
        offsets = self._bodies[question.paragraph].offsets
        inside = [n for n, (first, last) in enumerate(offsets) if last > start and first < end]
        text, answer = self._corpus.paragraphs[question.paragraph].text, question.answer.casefold()
        bits = 0
        for place, (first, last) in enumerate(self._corpus.sentences[question.paragraph]):
            if (first < end and last > start) or answer in text[first:last].casefold():
                bits |= 1 << min(place, MOST_SENTENCES - 1)  # the last number stands for all further sentences
        return ((inside[0], inside[-1]) if inside else (-1, -1)), bits


class _Claims:
    """Tokens of claims; a passage that is a paragraph of the questions is not kept twice."""

    def __init__(self, claims: Sequence[Claim], corpus: Corpus, words: Words) -> None:
        self._claims = [claim for claim in claims if claim.text and claim.passage]
        known = {paragraph.text: place for place, paragraph in enumerate(corpus.paragraphs)}
        others = list(dict.fromkeys(c.passage for c in self._claims if c.passage not in known))
        known |= {text: len(corpus.paragraphs) + place for place, text in enumerate(others)}
        self._passage = [known[claim.passage] for claim in self._claims]
        self._texts = words.encode([claim.text for claim in self._claims])
        self._others = words.encode(others)

    def arrays(self, short: Short) -> Arrays:
        sets = sorted({claim.source for claim in self._claims})
        return {
            "label": np.array([claim.label for claim in self._claims], np.int8),
            "made": np.array([claim.made for claim in self._claims]),
            "set": np.array([sets.index(claim.source) for claim in self._claims], np.int32),
            "sets": np.array(sets),
            "passage": np.array(self._passage, np.int32),
            **_ragged("claim", short(one.ids[:_MOST_OF_CLAIM] for one in self._texts), np.uint32),
            **_ragged("other", short(one.ids[:_MOST_OF_PASSAGE] for one in self._others), np.uint32),
        }


def _ragged(name: str, rows: Sequence[Sequence[int]], kind: type[np.unsignedinteger[Any]]) -> Arrays:
    joined = [token for row in rows for token in row]
    return {name: np.array(joined, kind), f"{name}_lengths": np.array([len(row) for row in rows], np.uint16)}


def _codes(names: Iterable[str]) -> NDArray[np.int32]:
    return np.unique(np.array(list(names)), return_inverse=True)[1].astype(np.int32)


def _carried(model: PackedModel, rows: Sequence[int]) -> Arrays:
    """Return the tensors of the packed model: `b:` for blocks of 4 bits, `v:` for float32."""
    kept: Arrays = {"rows": np.array(rows, np.uint32), "epsilon": np.array([model.sizes.epsilon], np.float32)}
    for name in model.names():
        columns = model.sizes.feed_forward if name.endswith("fo.w") else model.sizes.hidden
        if model.is_quantised(name):
            blocks = model.blocks(name, columns)
            blocks = blocks[list(rows)] if name == "emb.word" else blocks
            kept[f"b:{name}"] = np.ascontiguousarray(blocks).view(np.uint8).reshape(len(blocks), -1)
        else:
            kept[f"v:{name}"] = model.vector(name)
    return kept


def write_begin(trained: Path, out: Path) -> None:
    """Write trained weights, a file or the folder of a run, as rows of 8 bits, to begin a training from."""
    np.savez(out, allow_pickle=False, **to_rows(read_weights(trained)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the data, make what is made from it, write the bundle."""
    parser = argparse.ArgumentParser("python -m tools.training.bundle", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with qa-train and claims-train")
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--reader", type=Path, help="trained reader to begin from")
    parser.add_argument("--encoder", type=Path, help="trained encoder to begin from")
    parser.add_argument("--questions", type=int, default=0, help="at most so many questions, for a rehearsal (0: all)")
    parser.add_argument("--least", type=int, default=1, help="keep word rows that occur at least so often")
    parser.add_argument("--pack", type=Path, help="also pack the bundle into this FILE.tar.xz")
    options = parser.parse_args(arguments)
    asked, claims = _material(options.data, options.questions)
    kept = write_bundle(asked, claims, options.out, options.least)
    for name, path in _given(options):
        write_begin(path, options.out / f"begin-{name}.npz")
    print(f"{len(asked.questions)} questions, {len(claims)} claims, {kept} word rows in {options.out}")
    for path in sorted(options.out.glob("*.npz")):
        print(f"{path.name:<20} {path.stat().st_size / 1e6:6.1f} MB")
    if options.pack:
        print(f"{options.pack}: {pack_bundle(options.out, options.pack) / 1e6:.1f} MB")


def _material(data: Path, most: int) -> tuple[Corpus, list[Claim]]:
    """Return questions and claims: what people wrote, and what is made from it."""
    corpus = read_corpus(data, most)
    share = most / _QUESTIONS if most else 1.0
    people = read_claims(data)
    claims = people + made_claims(corpus, int(30_000 * share))
    more = near_misses(corpus, int(30_000 * share)) + conditioned(corpus, int(12_000 * share))
    more += typed_questions(corpus, 0.3)
    asked = with_answered_claims(
        Corpus(corpus.paragraphs, [*corpus.questions, *more]), people[: len(people) if share == 1 else 0]
    )
    step = max(1, round(1 / share))
    # They come in proportion to what people asked: a small corpus would drown in them.
    scenes = read_scenes()[:: max(1, round(_QUESTIONS / max(1, len(corpus.questions))))]
    return with_scenes(asked, scenes), claims[::step] + scene_claims(scenes)


def pack_bundle(bundle: Path, target: Path) -> int:
    """Pack the arrays of a bundle with xz, the same bundle always into the same bytes; returns their number."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.mtime = entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mode = 0o644
        return entry

    with tarfile.open(target, "w:xz", preset=9) as packed:
        for path in sorted(bundle.glob("*.npz")):
            packed.add(path, f"bundle/{path.name}", filter=plain)
    return target.stat().st_size


def _given(options: argparse.Namespace) -> list[tuple[str, Path]]:
    return [(name, path) for name, path in (("reader", options.reader), ("encoder", options.encoder)) if path]


if __name__ == "__main__":
    main()
