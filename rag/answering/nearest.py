"""What a refusal can say: what the nearest passages speak of, and which words of the question they don't have."""

from __future__ import annotations

from collections.abc import Sequence

from index.language.codes import canonical
from index.language.lexicon import spaced_words
from index.language.question_words import common
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens
from index.records import untitled_file
from rag.question.rows.asked_rows import settled
from rag.types import ScoredPassage

__all__ = ["lacks_own", "missing_words", "own_first", "texts_first", "topics_of"]

_SHOWN = 3
_LEAST_LETTERS = 4
# So long a common beginning makes two words one: "budget" and "budgets".
_STEM, _OF_WORD = 4, 0.7
_LONGEST_TOPIC = 120


def texts_first(passages: Sequence[ScoredPassage]) -> tuple[ScoredPassage, ...]:
    """Return the passages with what files tell about themselves last: it says nothing of a subject."""
    files = tuple(hit for hit in passages if _is_of_the_file(hit))
    texts = tuple(hit for hit in passages if not _is_of_the_file(hit))
    return settled(texts, files) if texts else files


def lacks_own(passages: Sequence[ScoredPassage], language: str) -> bool:
    """Tell whether none of the passages that a refusal shows is in a language (BCP 47 code)."""
    return bool(passages) and not any(_same(hit, language) for hit in passages[:_SHOWN])


def own_first(
    passages: Sequence[ScoredPassage], language: str, lift: float, further: Sequence[ScoredPassage] = ()
) -> tuple[ScoredPassage, ...]:
    """Return the passages with those in the asker's language first that are nearly as near as the nearest one.

    Where all are far from the question, which of them is nearest says little, and a reader wants to read them.

    Args:
        passages: the nearest ones, best first.
        language: BCP 47 code of the question's.
        lift: how far below the nearest one a passage may score that comes first for its language.
        further: others in that language.
    """
    least = max((hit.score for hit in passages), default=0.0) - lift
    known = {hit.passage.id for hit in passages}
    every = [*passages, *(hit for hit in further if hit.passage.id not in known and hit.score >= least)]
    own = tuple(hit for hit in every if _same(hit, language) and hit.score >= least)
    others = tuple(hit for hit in every if hit not in own)
    return settled(own, others)[: len(passages)] if own else tuple(passages)


def topics_of(passages: Sequence[ScoredPassage], language: str) -> tuple[str, ...]:
    """Return the headings of the first few passages, or the titles of their documents; each once.

    Args:
        passages: the nearest ones.
        language: BCP 47 code of the question's; passages in it come first.
    """
    named = (_topic(hit) for hit in sorted(passages, key=lambda hit: not _same(hit, language))[:_SHOWN])
    return tuple(dict.fromkeys(name for name in named if name))


def _topic(hit: ScoredPassage) -> str:
    heading = "" if _is_of_the_file(hit) else hit.passage.heading.rpartition(">")[2].strip(" #")
    file = untitled_file(hit.title, hit.source).rpartition("/")[2]
    return (heading or file or hit.title)[:_LONGEST_TOPIC]


def _is_of_the_file(hit: ScoredPassage) -> bool:
    """Tell whether a passage is what a file tells about itself, whose heading names the file."""
    match hit.metadata.get("properties"):
        case [int(start), int()]:
            return hit.passage.start >= start
    return False


def missing_words(question: str, language: str, passages: Sequence[ScoredPassage]) -> tuple[str, ...]:
    """Return words of the question that stand in none of the passages of its language, as they are written there.

    Nothing is said where no passage is in that language, and in scripts without spaces.

    Args:
        question: as it was asked.
        language: its BCP 47 code.
        passages: the nearest ones.
    """
    texts = [f"{hit.title} {hit.passage.heading} {hit.passage.text}" for hit in passages if _same(hit, language)]
    if not texts or script_of(question) in NO_SPACES:
        return ()
    there = {token.form for text in texts for token in tokens(text)}
    found = [
        question[token.start : token.end]
        for token in tokens(question)
        if len(token.form) >= _LEAST_LETTERS
        and token.form not in common() | spaced_words("which") | spaced_words("counting")
        and not any(_alike(token.form, form) for form in there)
    ]
    return tuple(dict.fromkeys(found))[:_SHOWN]


def _same(hit: ScoredPassage, language: str) -> bool:
    return canonical(hit.passage.language) == canonical(language)


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    length = max(_STEM, int(_OF_WORD * max(len(one), len(other))))
    return len(one) >= length and len(other) >= length and one[:length] == other[:length]
