"""HTML of one question and its answer, made only from escaped text and the tags written here.

Whatever a source, a model or a reader says goes through `ui.view.markup.escape.escape`; the whole vocabulary of tags
and attributes is checked by a test that parses the output for hostile input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ui.view import strings
from ui.view.cards import SourceCard, TurnCard
from ui.view.limits import MOST_CHIPS, bounded
from ui.view.markup.direction import direction
from ui.view.markup.escape import escape
from ui.view.markup.html import badge, element, label, named
from ui.view.markup.isolation import isolated
from ui.view.markup.maker import maker_marks
from ui.view.markup.markdown import markdown_html, plain_html
from ui.view.question_html import question_html
from ui.view.render_quotes import differing_html, is_quoted, quotes_html, refusal_html
from ui.view.render_sources import sources_html
from ui.view.sentences import said

__all__ = ["empty_html", "safe_id", "turn_html"]

_UNSAFE_IN_ID = re.compile(r"[^A-Za-z0-9_-]")


def safe_id(text: str) -> str:
    """Return the text as an identifier of at most 64 letters, digits, `-` and `_`."""
    return _UNSAFE_IN_ID.sub("", text)[:64]


def turn_html(turn: TurnCard, language: str, record: str | None = None) -> str:
    """Return one question with its answer and, beside it, its sources.

    Args:
        turn: what to show, in any state.
        language: interface language of the labels.
        record: the turn as JSON, for the browser to keep; left out while the answer is under way.
    """
    turn = bounded(turn)
    main = element("div", _question(turn, language) + _body(turn, language), class_="bq-main")
    quoted = is_quoted(turn)
    return element(
        "article",
        main + ("" if quoted else sources_html(turn, language)),
        class_="bq-turn bq-quoted" if quoted else "bq-turn",
        data_turn=safe_id(turn.id),
        data_state=turn.state,
        aria_busy="true" if turn.state in ("thinking", "streaming") else "false",
        data_record=record,
    )


def empty_html(examples: tuple[tuple[str, str], ...], language: str, *, library: bool = False) -> str:
    """Return the first view: what this is, what is indexed, a way to add documents, and questions to try.

    Args:
        examples: pairs of language code and question.
        language: interface language of the labels.
        library: whether the page leads to a view of what is indexed; the page's script fills in what that holds.
    """
    items = "".join(
        element(
            "li",
            _running("button", question, type="button", class_="bq-example", lang=code),
        )
        for code, question in examples
    )
    promise = label(language, "promise", tag="h2") + label(language, "promise_detail", tag="p")
    inner = element("div", promise, class_="bq-promise") + (_holdings(language) if library else "")
    if items:
        title = label(language, "examples", tag="h3")
        hide = label(language, "start_hide", tag="button", class_="bq-tool bq-hide", does="hide-samples")
        head = element("div", title + hide, class_="bq-examples-head")
        inner += element("div", head + element("ul", items, class_="bq-examples"), class_="bq-samples")
    return element("section", inner, class_="bq-empty")


def _holdings(language: str) -> str:
    """Return the place where it stands what is indexed, and the button that leads to adding more."""
    words = label(language, "start_add")
    add = element("button", badge("new") + words, type="button", class_="bq-start-add", data_do="start-add")
    return element("div", '<p class="bq-holds"></p>' + add, class_="bq-holdings")


def _question(turn: TurnCard, language: str) -> str:
    heading = question_html(turn.question, language, _lang(turn.language))
    if not turn.standalone:
        return heading
    understood = label(language, "understood_as") + ": " + _running("bdi", turn.standalone)
    return heading + element("p", understood, class_="bq-understood")


def _body(turn: TurnCard, language: str) -> str:
    if turn.state == "thinking":
        dots = element("span", "<i></i><i></i><i></i>", class_="bq-dots", aria_hidden="true")
        return element("p", dots + label(language, "thinking"), class_="bq-thinking", role="status")
    if turn.state == "failed":
        words = label(language, "failed", tag="strong") + _running(
            "span", said(language, turn.text), data_said=turn.text
        )
        return element("div", words, class_="bq-note bq-failed", role="alert") + _tools(turn, language)
    return _answer(turn, language) + _notes(turn, language) + _tools(turn, language)


def _answer(turn: TurnCard, language: str) -> str:
    if turn.state == "refused":
        return refusal_html(turn, language)
    if is_quoted(turn):
        return quotes_html(turn, language, _Chips(turn, language))
    # The extractive backend speaks in the sources' own words: an asterisk in them is an asterisk.
    to_html = plain_html if turn.llm == "extractive" else markdown_html
    inner = to_html(turn.text, _Chips(turn, language))
    text = element("div", inner, class_="bq-answer", dir=direction(turn.text, direction(turn.question)))
    return text + (differing_html(turn.answer_words[0], language) if turn.differs and turn.answer_words else "")


class _Chips:
    """Makes the chips of one answer, at most so many: a marker of four letters becomes a button of two hundred."""

    def __init__(self, turn: TurnCard, language: str) -> None:
        self._cards: Mapping[int, SourceCard] = {card.number: card for card in reversed(turn.sources)}
        # While an answer streams its citations are still being checked.
        self._waiting = len(turn.passages or range(99)) if turn.state == "streaming" else 0
        self._language = language
        self._left = MOST_CHIPS

    def __call__(self, number: int) -> str | None:
        """Return the chip of a marker, `None` where it stays text."""
        card = self._cards.get(number)
        if self._left <= 0 or (card is None and number > self._waiting):
            return None
        self._left -= 1
        if card is None:
            return element("span", str(number), class_="bq-chip bq-waiting")
        return element(
            "button",
            str(number),
            type="button",
            class_="bq-chip",
            data_cite=str(number),
            data_support=card.support,
            **named(self._language, "source_n", card.title, n=number),
        )


def _notes(turn: TurnCard, language: str) -> str:
    notes = "".join(_running("p", said(language, text), class_="bq-note", data_said=text) for text in turn.warnings)
    if turn.state == "stopped":
        notes += label(language, "stopped", tag="p", class_="bq-note bq-stopped")
    return notes


def _tools(turn: TurnCard, language: str) -> str:
    if turn.state in ("thinking", "streaming"):
        return ""
    actions = [] if turn.state in ("failed", "refused") else ["copy"]
    actions += ["retry", "edit"] if turn.receipt is None else ["retry", "edit", "receipt"]
    buttons = "".join(
        element(
            "button",
            badge(action) + label(language, action),
            type="button",
            class_="bq-tool",
            data_do=action,
        )
        for action in actions
    )
    return element("div", buttons + _judgements(turn, language) + _origin(turn, language), class_="bq-tools")


def _judgements(turn: TurnCard, language: str) -> str:
    """Return the two buttons by which a reader says what the answer was worth."""
    if turn.state not in ("answered", "refused"):
        return ""
    return "".join(
        element(
            "button",
            badge(name),
            type="button",
            class_="bq-tool bq-judge",
            data_do=name,
            data_i18n_name=name,
            aria_label=strings.text(language, name),
            aria_pressed="false",
        )
        for name in ("good", "bad")
    )


def _origin(turn: TurnCard, language: str) -> str:
    """Return that a program answered (where one did), by its name in the list of them, and how long that took."""
    if not turn.llm or turn.state == "failed":
        return ""
    spoken = turn.llm in ("extractive", "local")
    who = label(language, f"backend_{turn.llm}") if spoken else element("bdi", escape(turn.llm))
    if turn.seconds > 0:
        slow = turn.seconds >= 0.1
        number = f"{turn.seconds:.1f}" if slow else f"{1000 * turn.seconds:.0f}"
        took = label(language, "seconds_n" if slow else "milliseconds_n", tag="bdi", n=number)
        who += '<span class="bq-dot" aria-hidden="true">·</span>' + took
    return element("span", f"{label(language, 'by_program')} {who}", class_="bq-origin", **maker_marks(turn.llm))


def _running(tag: str, text: str, **attributes: str | None) -> str:
    """Return an element that holds a text and runs as most of its letters do."""
    way = direction(text)
    return element(tag, isolated(text, way), dir=way, **attributes)


def _lang(code: str) -> str | None:
    return code if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", code) and code != "und" else None
