"""HTML of an answer in the sources' own words: the short answer, the passage it stands in, everything else folded.

A sentence stands on the page once: quotes of one document lend each other no context.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.language.codes import canonical
from index.language.question_words import asks_for_a_reason
from index.records import untitled_file
from rag.output.whole_thoughts import items_of
from ui.view.cards import PassageCard, SourceCard, TurnCard, WordsCard
from ui.view.markup.direction import direction
from ui.view.markup.html import badge, element, label
from ui.view.markup.isolation import isolated
from ui.view.render_rows import rows_html
from ui.view.render_sources import card_html, code_html, language_of, row_html, title_html

__all__ = ["differing_html", "is_quoted", "quotes_html", "refusal_html"]

# A short answer of more characters is set smaller.
_LONG = 60
_ROWS = 3


def is_quoted(turn: TurnCard) -> bool:
    """Tell whether an answer is finished and nothing but quotes."""
    quoting = turn.llm.partition(":")[0] == "extractive"
    return turn.state == "refused" or (turn.state == "answered" and quoting and bool(turn.sources))


def quotes_html(turn: TurnCard, language: str, chip: Callable[[int], str | None]) -> str:
    """Return the answer: what answers, its proof, and the rest.

    Args:
        turn: an answer for which `is_quoted` holds.
        language: interface language of the labels.
        chip: makes the button that leads to a card.
    """
    rows = rows_html(turn, chip)
    if rows:
        return rows + _rest(turn, [replace(card, before="", after="") for card in turn.sources], language, "sources")
    shown, folded = _parted(turn)
    head = _short(turn, language, chip) if turn.answer_words else ""
    cards = element("ol", "".join(_card(turn, card, language) for card in shown), class_="bq-cards bq-best")
    return head + cards + _rest(turn, folded, language)


def refusal_html(turn: TurnCard, language: str) -> str:
    """Return a refusal: one sentence, what is known instead, what may help, three compact rows."""
    words = label(language, "refused", tag="strong")
    if turn.topics:
        words += element("span", label(language, "speaks_of") + " " + _listed(turn.topics), class_="bq-known")
    if turn.missing:
        unknown = label(language, "missing") + " " + _listed(turn.missing) + ". "
        words += element("span", unknown + label(language, "reword"), class_="bq-known")
    note = element("div", words, class_="bq-note bq-refused", role="status")
    rows = "".join(row_html(card, language) for card in _spread(_distinct(turn), turn.language)[:_ROWS])
    title = label(language, "nearest", tag="h3", class_="bq-side-title")
    return note + (title + element("ol", rows, class_="bq-cards bq-rows") if rows else "")


def differing_html(words: WordsCard, language: str) -> str:
    """Return what the source says where a language model says otherwise; its title opens it there."""
    head = element("p", badge("differ") + label(language, "in_source"), class_="bq-agree bq-differ")
    return element("div", head + _says([words]), class_="bq-in-source")


def _distinct(turn: TurnCard) -> list[PassageCard]:
    """Return the passages, those that say the same to the letter once."""
    return list({card.text: card for card in reversed(turn.passages)}.values())[::-1]


def _spread(cards: Sequence[PassageCard], language: str) -> list[PassageCard]:
    """Return the best passage of each document first, of these the asker's language: three rows show three places.

    The rows of a table are one document here.
    """
    first = {_place(card): card for card in reversed(cards)}
    return sorted(
        cards,
        key=lambda card: (card is not first[_place(card)], _language(card.language) != _language(language)),
    )


def _place(card: PassageCard) -> str:
    return untitled_file(card.title, card.source) or card.document_id


def _listed(words: Sequence[str]) -> str:
    comma = '<span aria-hidden="true">\u00a0· </span>'  # stays behind its word where the line breaks
    return comma.join(element("bdi", isolated(word, direction(word))) for word in words)


def _parted(turn: TurnCard) -> tuple[list[SourceCard], list[SourceCard]]:
    """Return the cards that are shown and those that are folded, the asker's own language first among these."""
    number = turn.answer_words[0].number if turn.answer_words else 0
    best = next((card for card in turn.sources if card.number == number), turn.sources[0])
    shown = [best]
    if asks_for_a_reason(turn.question):
        parts = [card for card in turn.sources if card.document_id == best.document_id]
        shown = sorted(parts, key=lambda card: card.start)
    numbers = {card.number for card in shown}
    folded = [card for card in turn.sources if card.number not in numbers]
    lone = len({card.document_id for card in turn.sources}) == len(turn.sources)
    bare = [card if lone else replace(card, before="", after="") for card in folded]
    best_alone = [replace(card, before="", after="") for card in shown] if len(shown) > 1 else [_clear(shown[0], bare)]
    return best_alone, sorted(bare, key=lambda card: _language(card.language) != _language(turn.language))


def _clear(card: SourceCard, others: Sequence[SourceCard]) -> SourceCard:
    """Return a card without context that another card quotes."""
    before = "" if any(_overlaps(card.before, other) for other in others) else card.before
    after = "" if any(_overlaps(card.after, other) for other in others) else card.after
    return replace(card, before=before, after=after)


def _overlaps(context: str, other: SourceCard) -> bool:
    bare = context.strip("… ")
    return bool(bare) and (other.quote in bare or bare in other.quote or bare[:40] in other.quote)


def _language(code: str) -> str:
    return canonical(code)


def _short(turn: TurnCard, language: str, chip: Callable[[int], str | None]) -> str:
    """Return the short answer, large, in its own script, with what stands beside it."""
    answer_words = turn.answer_words[0]
    way = direction(answer_words.quote)
    marker = (chip(answer_words.number) if answer_words.number else None) or ""
    size = " bq-long" if len(answer_words.quote) > _LONG else ""
    lines = (
        code_html(answer_words.quote)
        if answer_words.code
        else "<br>".join(isolated(line, way) for line in items_of(answer_words.quote))
    )
    words = element("bdi", lines, dir=way, lang=language_of(answer_words.language))
    side = way if size else direction(turn.question)  # a few words stand where the question's reader begins to read
    inner = element("p", words + marker, class_=f"bq-short-words{size}", dir=side)
    if answer_words.rendered:
        inner += _ours(answer_words.rendered, language)
    return element("div", inner + _agreement(turn.answer_words, language), class_="bq-short")


def _ours(rendered: str, language: str) -> str:
    own = element("bdi", isolated(rendered, direction(rendered)), class_="bq-rendered")
    return element("p", own + label(language, "ours", class_="bq-ours-note"), class_="bq-ours", dir=direction(rendered))


def _agreement(cards: Sequence[WordsCard], language: str) -> str:
    """Return whether sources agree; where they don't, what each of them says."""
    if len(cards) == 1:
        return ""
    if all(one.agrees for one in cards):
        line = badge("agree") + label(language, "agree", n=len(cards))
        return element("p", line, class_="bq-agree") + _says(cards[1:])
    line = badge("differ") + label(language, "differ")
    return element("p", line, class_="bq-agree bq-differ") + _says(cards)


def _says(cards: Sequence[WordsCard]) -> str:
    """Return a row for each document: its words, and its name, which opens it there."""
    return element("ul", "".join(map(_said, cards)), class_="bq-says")


def _said(one: WordsCard) -> str:
    way = direction(one.quote)
    words = element("bdi", isolated(one.quote, way), dir=way, lang=language_of(one.language), class_="bq-says-words")
    if one.rendered:
        words += element("bdi", f"≈ {isolated(one.rendered, direction(one.rendered))}", class_="bq-rendered")
    return element(
        "li",
        words + title_html(one.title, "button", type="button", class_="bq-open"),
        class_="bq-card bq-say",
        data_doc=one.document_id,
        data_start=str(one.start),
        data_end=str(one.end),
    )


def _card(turn: TurnCard, card: SourceCard, language: str) -> str:
    words = [(one.start, one.end) for one in turn.answer_words if one.document_id == card.document_id]
    return card_html(card, language, None, words)


def _rest(turn: TurnCard, folded: Sequence[SourceCard], language: str, called: str = "more_quotes") -> str:
    """Return the other quotes and the other passages that were read, folded."""
    read = [card for card in _distinct(turn) if not card.cited]
    count = len(folded) or len(read)
    if not count:
        return ""
    summary = label(language, called if folded else "also_read", n=count)
    codes = Counter(_language(card.language) for card in folded or read)
    for code in [code for code in codes if code != _language(turn.language) and language_of(code)]:
        summary += element("span", element("span", code, data_lang=code) + f" ({codes[code]})", class_="bq-tongue")
    inner = "".join(_card(turn, card, language) for card in folded)
    inner = element("ol", inner, class_="bq-cards") if inner else ""
    if folded and read:
        inner += label(language, "also_read", tag="h3", class_="bq-side-title", n=len(read))
    inner += (
        element("ol", "".join(row_html(card, language) for card in read), class_="bq-cards bq-rows") if read else ""
    )
    return element("details", element("summary", summary) + inner, class_="bq-why bq-rest")
