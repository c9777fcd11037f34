"""Two texts side by side: sentences of both that speak of the same thing, and what only one of them says.

Which sentences belong together, their vectors say, in any two languages. A sentence that is near to everything is no
partner for that reason: its nearness counts against how near its own nearest ones are (CSLS, Conneau et al. 2018,
https://arxiv.org/abs/1710.04087).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.embedders.answer_profiles import TextsProfile
from index.embedders.profile import profile_of
from index.language.codes import canonical
from index.stores.base import DocumentHeader, PassageStore
from index.types import FloatArray, JsonValue, Sentence
from rag.overview.cited_lines import Page
from rag.overview.contents.covering import covering, sentences_of, telling

__all__ = ["Compared", "Pair", "compared", "set_side_by_side"]

_NEIGHBOURS = 10  # sentences of the other text by which it is judged how near to everything one is
_PAIRS = 6
_SIGNS = 8  # code points before a heading's words that may make it one: "## "
_ONLY, _OF_EACH = 2, 3  # sentences of each text that only it speaks of, and where no two belong together


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences that speak of the same thing.

    Attributes:
        first: a sentence of the first text.
        second: one of the second.
        headings: those below which they stand, as they stand in the texts; `None` for none but the title.
    """

    first: Sentence
    second: Sentence
    headings: tuple[Sentence | None, Sentence | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Compared:
    """What two texts say.

    Attributes:
        pairs: what both speak of, in the order of the first.
        first: what only the first speaks of, in reading order; where no two sentences belong together, what stands for
            it as a whole.
        second: the same of the second.
    """

    pairs: tuple[Pair, ...]
    first: tuple[Sentence, ...]
    second: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """A text with its sentences that say something, and their vectors, shape (n, dimension)."""

    header: DocumentHeader
    text: str
    sentences: list[Sentence]
    vectors: FloatArray


def compared(
    store: PassageStore, first: DocumentHeader, second: DocumentHeader, profile: TextsProfile | None = None
) -> Compared:
    """Return two texts side by side.

    Args:
        store: the open index.
        first: the one that comes first.
        second: the other one.
        profile: of the embedder of the index; `None`: the generic one.
    """
    profile = profile or profile_of("").texts
    one, other = _side(store, first), _side(store, second)
    cosines = one.vectors @ other.vectors.T
    found = sorted(_together(cosines, profile))
    headed = tuple(Pair(one.sentences[i], other.sentences[j], (_heading(one, i), _heading(other, j))) for i, j in found)
    nearest = [each.max(axis=1, initial=-1.0) for each in (cosines, cosines.T)]
    left = [np.flatnonzero(near < (profile.near if found else np.inf)).tolist() for near in nearest]
    most = _ONLY if found else _OF_EACH
    return Compared(headed, *(_standing_for(*each, most, profile) for each in ((one, left[0]), (other, left[1]))))


def set_side_by_side(page: Page, first: DocumentHeader, second: DocumentHeader) -> None:
    """Add a table of what both texts speak of, then what only one of them does, all in their own words.

    Args:
        page: the answer.
        first: the text in the first column.
        second: the other one.
    """
    found = compared(page.store, first, second, page.profile)
    labels = [_labels(page, (first, second), pair) for pair in found.pairs]
    headed = any(labels)
    if found.pairs:
        page.head(*[""] * headed, _title(first), _title(second))
    _cite_sentences(page, first, second, found)
    before: list[tuple[DocumentHeader, Sentence]] = []
    for label, pair in zip(labels, found.pairs, strict=True):
        page.row([page.named(label if label != before else [])] * headed, (first, pair.first), (second, pair.second))
        before = label
    for header, sentences in ((first, found.first), (second, found.second)):
        if sentences:
            page.lines += [""] * bool(page.lines)
            page.say_summary(header)
        for sentence in sentences:
            page.quote(header, sentence)


def _cite_sentences(page: Page, first: DocumentHeader, second: DocumentHeader, found: Compared) -> None:
    """Give the sentences their numbers before the headings get theirs: a list of sources begins with what was said."""
    for pair in found.pairs:
        page.cite(first, pair.first)
        page.cite(second, pair.second)
    for header, sentences in ((first, found.first), (second, found.second)):
        for sentence in sentences:
            page.cite(header, sentence)


def _title(header: DocumentHeader) -> str:
    return " ".join(header.title.split())


def _side(store: PassageStore, header: DocumentHeader) -> _Side:
    sentences, vectors = sentences_of(store, header.id)
    text = store.document(header.id).text
    kept = np.flatnonzero(telling(sentences, text))
    return _Side(header, text, [sentences[place] for place in kept.tolist()], vectors[kept])


def _together(cosines: FloatArray, profile: TextsProfile) -> list[tuple[int, int]]:
    """Return the places of the sentences that belong together, the surest pairs, each sentence in one at most."""
    found: list[tuple[int, int]] = []
    if not cosines.size:
        return found
    scores = _standing_out(cosines)
    while len(found) < _PAIRS:
        i, j = divmod(int(scores.argmax()), scores.shape[1])
        if scores[i, j] < profile.together:
            break
        if cosines[i, j] >= profile.near:
            found.append((i, j))
            scores[i, :] = scores[:, j] = -np.inf
        scores[i, j] = -np.inf
    return found


def _standing_out(cosines: FloatArray) -> FloatArray:
    """Return how much nearer two sentences are to each other than each is to its nearest ones, shape as given."""
    count = min(_NEIGHBOURS, *cosines.shape)
    rows = np.sort(cosines, axis=1)[:, -count:].mean(axis=1, keepdims=True)
    columns = np.sort(cosines, axis=0)[-count:].mean(axis=0, keepdims=True)
    scores: FloatArray = 2.0 * cosines - rows - columns
    return scores


def _standing_for(side: _Side, places: Sequence[int], most: int, profile: TextsProfile) -> tuple[Sentence, ...]:
    """Return at most so many sentences that stand for those at some places of a text, in reading order."""
    sentences = [side.sentences[place] for place in places]
    rows = side.vectors[np.array(places, np.int64)]
    return tuple(sentences[place] for place in covering(sentences, rows, most, side.text, profile=profile))


def _labels(
    page: Page, headers: tuple[DocumentHeader, DocumentHeader], pair: Pair
) -> list[tuple[DocumentHeader, Sentence]]:
    """Return the headings that name a row, one in the asker's language first: the other's may say nothing to them."""
    found = [(header, one) for header, one in zip(headers, pair.headings, strict=True) if one is not None]
    found.sort(key=lambda each: canonical(each[0].language) != canonical(page.language))
    said = [page.words(*each).casefold() for each in found]
    return [each for place, each in enumerate(found) if said[place] not in said[:place]]


def _heading(side: _Side, place: int) -> Sentence | None:
    """Return the heading below which a sentence stands; `None` where there is none but the title."""
    above = [one for one in _headings(side.header.metadata.get("headings")) if one[0] <= side.sentences[place].start]
    if not above or " ".join(above[-1][1].split()) == _title(side.header):
        return None
    at, title = above[-1]
    start = side.text.find(title, at, at + len(title) + _SIGNS) if title else -1
    return Sentence(start, start + len(title)) if start >= 0 else None


def _headings(listed: JsonValue) -> Iterator[tuple[int, str]]:
    """Yield the headings of a document; other programs may have written anything there."""
    for one in listed if isinstance(listed, list) else []:
        match one:
            case [int(start), _, str(title)] if start >= 0:
                yield start, title
