"""How much of a turn is drawn: what comes from a model or from a browser may be of any size, a page may not."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from ui.view.cards import PassageCard, SourceCard, TurnCard, WordsCard

__all__ = ["MOST_CHIPS", "MOST_HTML", "bounded"]

MOST_CHIPS = 1_000
"""Citation markers of one answer that become buttons; further ones stay text."""

MOST_HTML = 8_000_000
"""Characters of HTML in one response; of a longer conversation the newest turns are drawn."""

# Far above what honest answers, passages and names have.
_ANSWER = 40_000
_QUESTION = 20_000
_PASSAGE = 8_000
_CONTEXT = 1_000
_NAME = 500
_MOST_CARDS = 100
_MOST_WARNINGS = 20
_MOST_RANKS = 8
_MOST_WORDS = 10


def bounded(turn: TurnCard) -> TurnCard:
    """Return the turn with every text and list cut to what is drawn of it; an honest one comes back as it is."""
    return replace(
        turn,
        question=_cut(turn.question, _QUESTION),
        text=_cut(turn.text, _ANSWER),
        sources=tuple(map(_source, turn.sources[:_MOST_CARDS])),
        passages=tuple(map(_passage, turn.passages[:_MOST_CARDS])),
        language=turn.language[:_NAME],
        llm=_cut(turn.llm, _NAME),
        warnings=tuple(_cut(warning, _CONTEXT) for warning in turn.warnings[:_MOST_WARNINGS]),
        standalone=_cut(turn.standalone, _QUESTION),
        answer_words=tuple(map(_shortened, turn.answer_words[:_MOST_WORDS])),
        missing=tuple(_cut(word, _NAME) for word in turn.missing[:_MOST_WORDS]),
        topics=tuple(_cut(topic, _NAME) for topic in turn.topics[:_MOST_WORDS]),
    )


def _shortened(words: WordsCard) -> WordsCard:
    return replace(
        words,
        quote=_cut(words.quote, _CONTEXT),
        document_id=words.document_id[:_NAME],
        title=_cut(words.title, _NAME),
        language=words.language[:_NAME],
        rendered=_cut(words.rendered, _CONTEXT),
    )


def _source(card: SourceCard) -> SourceCard:
    return replace(
        card,
        document_id=card.document_id[:_NAME],
        title=_cut(card.title, _NAME),
        source=_cut(card.source, _NAME),
        quote=_cut(card.quote, _PASSAGE),
        before=_cut(card.before, _CONTEXT),
        after=_cut(card.after, _CONTEXT),
        language=card.language[:_NAME],
        location=_cut(card.location, _NAME),
        outlet=_cut(card.outlet, _NAME),
        date=card.date[:_NAME],
    )


def _passage(card: PassageCard) -> PassageCard:
    return replace(
        card,
        document_id=card.document_id[:_NAME],
        title=_cut(card.title, _NAME),
        source=_cut(card.source, _NAME),
        text=_cut(card.text, _PASSAGE),
        language=card.language[:_NAME],
        outlet=_cut(card.outlet, _NAME),
        date=card.date[:_NAME],
        ranks={name[:_NAME]: rank for name, rank in islice(card.ranks.items(), _MOST_RANKS)},
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} …"
