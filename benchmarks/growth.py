"""Whether what draws, cites and reads texts takes time in proportion to their length: `python -m benchmarks.growth`.

Each of many functions gets each of many hostile texts at two sizes; the table shows the dearest text of each.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import unwrap
from typing import TYPE_CHECKING

from benchmarks.growth_files import files
from benchmarks.tables import show
from index.types import Document, Passage

if TYPE_CHECKING:
    from ui.view.cards import TurnCard

Work = Callable[[str], object]

_LEFTWARD = "سفينة "  # with a word from right to left in it, everything that runs the other way is isolated
_UNITS: Mapping[str, str] = {
    "words": "the ship sailed on ",
    "sentences": "A ship sailed. ",
    "capitals": "Anna Berlin ",
    "citations": "a [1] ",
    "citations in a row": "[1]",
    "citations of many": "[1-9, 3; 4] ",
    "wide brackets": "word【2】",
    "open brackets": "[1",
    "open brackets with a space": "[ ",
    "web addresses": "https://a.example/b ",
    "web addresses in one": "https://",
    "beginnings of addresses": "www.",
    "mail addresses": "a@b.example ",
    "parts of mail addresses": "a.b-c+",
    "quotations": '"it is" ',
    "opening quotation marks": "“",
    "German opening marks": "„",
    "angle marks": "«a ",
    "straight marks": '" a',
    "parentheses": "(a) ",
    "open parentheses": "(",
    "bars": "a | b | ",
    "table": "| a | b |\n|---|---|\n",
    "rule of a table": "-|",
    "stars": "**",
    "bold": "**a** ",
    "one star": "*a ",
    "ticks": "`",
    "code": "`a` ",
    "fences": "```\n",
    "list": "- a\n",
    "numbered list": "1. a\n",
    "headings": "# a\n",
    "quoted lines": "> a\n",
    "line ends": "\n",
    "blanks": " ",
    "tabs": "\t a",
    "dollars": "$a$ ",
    "backslashes": "\\(",
    "numbers": "1,234.5 ",
    "digits": "7",
    "dates": "2024-05-06: 3, ",
    "times": "at 7:45, ",
    "signs before figures": "a: ",
    "telephone numbers": "+1 (23) 45-67 ",
    "paths": "/a/../b ",
    "slashes": "/",
    "options": "--a-b ",
    "markup": "<b>&amp;</b>",
    "denials": "not no never ",
    "ideographs": "船は出た",
    "ideographs with stops": "船は出た。",
    "Arabic": "سفينة ",
    "Arabic and Latin": "سفينة ship ",
    "Thai": "เรือออกแล้ว",
    "Devanagari": "जहाज चला। ",
    "combining marks": "a\u0301\u0316\u0327",
    "ligatures": "\ufdfa",
    "surrogates": "\ud800a",
    "controls": "\x1b[0m\u202e",
    "joiners": "a\u200d",
    "emoji": "\U0001f469\u200d\U0001f680",
}


def texts() -> dict[str, Callable[[int], str]]:
    """Return what makes a text of so many characters, by the kind of text; each also beside leftward words."""
    made: dict[str, Callable[[int], str]] = {}
    for name, unit in _UNITS.items():
        made[name] = partial(_repeated, unit, "")
        made[f"{name}, leftward"] = partial(_repeated, unit, _LEFTWARD)
    return made


def _repeated(unit: str, before: str, length: int) -> str:
    return (before + unit * (length // len(unit) + 1))[:length]


def drawing() -> dict[str, Work]:
    """Return everything that makes HTML, spans or lines for a terminal from a text."""
    from ui.terminal import lines as terminal
    from ui.view.markup.direction import direction
    from ui.view.markup.escape import escape
    from ui.view.markup.isolation import isolated
    from ui.view.markup.markdown import markdown_html, plain_html
    from ui.view.records import exchanges_from_json, turn_from_json, turn_to_json
    from ui.view.render import turn_html

    return {
        "escape": escape,
        "direction": direction,
        "isolates": lambda text: (isolated(text, "rtl"), isolated(text, "ltr")),
        "Markdown": partial(markdown_html, marker=_chip),
        "plain text": partial(plain_html, marker=_chip),
        "a turn": lambda text: turn_html(_turn(text), "en", record=turn_to_json(_turn(text))),
        "the record of a turn": lambda text: turn_from_json(turn_to_json(_turn(text))),
        "the exchanges before": exchanges_from_json,
        "the reader": _reader,
        "a terminal": terminal.harmless,
    }


def reading() -> dict[str, Work]:
    """Return everything that looks for markers, sentences, words, facts and agreement in a text."""
    from index.language.numbers.amounts import amounts, spaced_amounts, spelled_amounts, times
    from index.language.numbers.facts import facts_of
    from index.language.sentences.splitting import sentences
    from index.language.words import grams, tokens, visible
    from index.stores.terms import terms
    from rag.checking.support import check
    from rag.checking.written.claims import claims, take_out
    from rag.checking.written.markers import find_markers
    from rag.checking.written.table_rows import is_rule
    from rag.drafts.marks import quotations
    from rag.drafts.matching import wanted
    from rag.drafts.normal import normal, words_of
    from rag.drafts.sentences import statements
    from rag.prompts.messages import defuse
    from rag.question.followups import standalone_question
    from rag.types import Turn

    quote = "The Victoria sailed with 18 men on 6 September 1522 and did not come back."
    return {
        "markers": find_markers,
        "claims": lambda text: claims(*take_out([text])),
        "rules of tables": is_rule,
        "sentences": sentences,
        "words": tokens,
        "word groups": unwrap(grams),
        "keywords": terms,
        "clean": visible,
        "control tokens": defuse,
        "facts": unwrap(facts_of),
        "amounts": lambda text: (unwrap(amounts)(text, "en"), spaced_amounts(text), times(text)),
        "numbers in words": lambda text: unwrap(spelled_amounts)(text, "en"),
        "support of a claim": lambda text: check(text, quote, similarity=0.6, same_language=True, language="en"),
        "support by a quote": lambda text: check("A ship sailed to 5 isles.", text, similarity=0.6, language="en"),
        "support across languages": lambda text: check(text, quote, similarity=0.6, same_language=False),
        "follow-ups": lambda text: standalone_question(text, [Turn(text, text)]),
        "quotations of a draft": quotations,
        "statements of a draft": statements,
        "a text as it is compared": lambda text: words_of(normal(text).text),
        "a quotation as it is looked for": wanted,
        "a quotation in a text": lambda text: _quoted(text[:300], text),
        "a text as a quotation": lambda text: _quoted(text, quote),
        "citations": _cited,
        "the language of a reply": _language,
    }


def _quoted(words: str, text: str) -> object:
    from rag.drafts.matching import exact, nearly, wanted
    from rag.drafts.normal import normal

    asked, there = wanted(words), normal(text)
    return asked and (exact(asked, there) or nearly(asked, there))


def _chip(number: int) -> str | None:
    return f"<button>{number}</button>"


def _turn(text: str) -> TurnCard:
    from ui.view.cards import PassageCard, SourceCard, TurnCard

    source = SourceCard(1, "d", text[:200], "a.md", 0, len(text), text)
    passage = PassageCard("d", text[:200], "a.md", 0, len(text), text, 0.5)
    return TurnCard("t", "What?", "answered", text, (source,), (passage,), llm="local", warnings=(text[:200],))


def _document(text: str) -> Document:
    return Document("d", "Title", "a.md", "en", text)


def _reader(text: str) -> str:
    from ui.view.documents.reader import document_html

    marks = [(number, 10 * number, 10 * number + 5) for number in range(1, 101)]
    return document_html(_document(text), marks, 3, "en")


def _cited(text: str) -> object:
    from rag.checking.citations import cite
    from rag.types import ScoredPassage

    source = "The Victoria sailed with 18 men. It came back on 6 September 1522. Nobody waited for it."
    passage = Passage("d:0", "d", 0, len(source), source, "en", "")
    return cite([text], [ScoredPassage(passage, "Title", "a.md", 0.5)] * 5, lambda _: _document(source), attribute=True)


def _language(text: str) -> object:
    from rag.answering.writing import Reply, other_language
    from rag.types import Prompt

    prompt = Prompt((), "What?", "de")
    return other_language(Reply("test", prompt, prompt, [text]))


def seconds(work: Work, text: str, tries: int = 3) -> float:
    """Return the CPU seconds of a call, the least of several: what else the machine does only adds to it.

    Each try gets a text that ends in another character: an answer kept from the try before would say nothing.
    """
    best = float("inf")
    for number in range(tries):
        fresh = text[:-1] + chr(ord("a") + number)
        started = time.process_time()
        work(fresh)
        best = min(best, time.process_time() - started)
    return best


def grows(
    work: Work, make: Callable[[int], str], length: int, times: int = 4, *, tries: int = 3
) -> tuple[float, float]:
    """Return the CPU seconds of a call with a text of so many characters, and with one so many times as long."""
    return seconds(work, make(length), tries), seconds(work, make(times * length), tries)


def _row(name: str, work: Work, sizes: Sequence[int]) -> list[str]:
    """Return a line of the table: the dearest kind of text, and the seconds at each size."""
    made = texts()
    work(made["words"](1_000))  # tables are loaded at the first call
    dearest = max(made, key=lambda kind: seconds(work, made[kind](sizes[0]), 1))
    taken = [seconds(work, made[dearest](size)) for size in sizes]
    return [name, dearest, *(f"{1000 * one:.1f}" for one in taken), f"{taken[-1] / max(taken[0], 1e-6):.1f}"]


def _is_named(name: str, only: Sequence[str]) -> bool:
    return not only or any(part in name for part in only)


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 20_000, 80_000], help="characters of the texts")
    parser.add_argument("--only", nargs="+", default=[], help="rows with one of these in their names")
    options = parser.parse_args()
    sizes = sorted(options.sizes)
    parts = (("What draws a text", drawing()), ("What reads a text", reading()), ("What reads a file", files()))
    for title, works in parts:
        named = {name: work for name, work in works.items() if _is_named(name, options.only)}
        rows = [_row(name, work, sizes) for name, work in named.items()]
        if not rows:
            continue
        header = [title, "dearest text", *(f"{size:,} (ms)" for size in sizes), "ratio"]
        show(f"{title}: CPU milliseconds by characters", header, rows, f"Linear is {sizes[-1] / sizes[0]:g}.")


if __name__ == "__main__":
    main()
