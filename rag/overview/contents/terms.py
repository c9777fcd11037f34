"""What a text speaks of: names and terms of several words that come again, in scripts with capitals and without."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from index.language.fields import ListField
from index.language.lexicon import entries, known_words
from index.language.numbers.facts import begins_sentence
from index.language.question_words import silent
from index.language.scripts import NO_SPACES, script_of
from index.language.words import Token, has_case, tokens

__all__ = ["is_silent", "names_in", "names_once", "parts_in", "terms_in"]

_TERMS = 6
_OFTEN = 2
_PAIR = 2
_OFTEN_ALONE = 3  # a single word
_LONGEST = 4  # words of a term
_SHORTEST = 3  # letters of a word at either end of one
# A longer term that is nearly as often takes a shorter one's place: "Arab Organization for Industrialization".
_NEARLY = 0.7
# Runs of Chinese characters and of katakana; a run with hiragana in it holds grammar.
_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\u30a1-\u30fa\u30fc]{2,}")
_GRAM = range(2, 9)
_OFTEN_UNSPACED = 3


def terms_in(text: str, most: int = _TERMS) -> list[str]:
    """Return terms of several words that stand in a text more than once, most first; none in scripts like Thai's."""
    if has_case(text):
        counts, often = Counter(_capitals(text)), _OFTEN
    elif script_of(text) in NO_SPACES:
        counts, often = Counter(_pieces(text)), _OFTEN_UNSPACED
    else:
        counts, often = Counter(_phrases(text)), _OFTEN
    known = {term: count for term, count in counts.most_common(40 * most) if count >= often}
    return _longest(known)[:most]


def names_in(text: str, most: int = _TERMS) -> list[str]:
    """Return what a text speaks of: its terms, then single words with a capital of their own that come again.

    Args:
        text: in any script; in one without capitals these are its terms alone.
        most: how many at most.
    """
    terms = terms_in(text, most)
    if len(terms) >= most or not has_case(text):
        return terms
    known = frozenset(token.form for term in terms for token in tokens(term))
    words = Counter(text[one.start : one.end] for one in _alone(text) if one.form not in known)
    return [*terms, *(word for word, count in words.most_common(most) if count >= _OFTEN_ALONE)][:most]


def names_once(sentence: str) -> Iterator[str]:
    """Yield the names of several words in a sentence, each once; none in scripts without capitals.

    Its first word has a capital whatever it is, so that no name is taken from there.
    """
    if has_case(sentence):
        opened = sentence.lstrip()
        yield from (name for name in dict.fromkeys(_capitals(sentence)) if not opened.startswith(name))


def parts_in(text: str) -> Counter[str]:
    """Return how often words stand within names of several words, as they are written: "Arab" in "Arab League"."""
    found: Counter[str] = Counter()
    words = tokens(text)
    capital = [text[token.start].isupper() for token in words]
    joined = [text[one.end : other.start] in {" ", ". "} for one, other in pairwise(words)]
    for place, token in enumerate(words):
        before = place > 0 and capital[place - 1] and joined[place - 1] and not begins_sentence(text, token.start)
        behind = place + 1 < len(words) and capital[place + 1] and joined[place]
        opens = behind and begins_sentence(text, token.start) and is_silent(token.form)
        if capital[place] and (before or behind) and not opens:
            found[text[token.start : token.end]] += 1
    return found


def _alone(text: str) -> Iterator[Token]:
    """Yield words with a capital of their own that say something of a subject, and are no part of a longer name."""
    words = tokens(text)
    capital = [text[token.start].isupper() and not begins_sentence(text, token.start) for token in words]
    joined = [text[one.end : other.start] == " " for one, other in pairwise(words)]
    for place, token in enumerate(words):
        before = place > 0 and capital[place - 1] and joined[place - 1]
        behind = place + 1 < len(words) and capital[place + 1] and joined[place]
        named = capital[place] and token.form.isalpha() and _tells(token.form)
        if named and not before and not behind:
            yield token


def _longest(counts: Mapping[str, int]) -> list[str]:
    """Return the terms, most first, without those that are nearly always part of a longer one, and its parts."""
    found: list[str] = []
    for term, count in sorted(counts.items(), key=lambda one: -one[1] * len(one[0].split()) * len(one[0])):
        if any(term in other and term != other and counts[other] >= _NEARLY * count for other in counts):
            continue
        if not any(term in other or other in term for other in found):
            found.append(term)
    return sorted(found, key=lambda term: -counts[term])


def _capitals(text: str) -> Iterator[str]:
    """Yield words that follow each other and begin with capital letters, two or more.

    The first word of a sentence is written with a capital letter whatever it is. It counts unless the text has it with
    a small letter as well or it is a word of grammar, and what follows it counts by itself too: "Then Ada Brandt left".
    """
    words = tokens(text)
    small = {token.form for token in words if text[token.start].islower()}
    run: list[Token] = []
    for token in [*words, Token("", len(text), len(text))]:
        capital = text[token.start : token.start + 1].isupper()
        if capital and run and text[run[-1].end : token.start] == " ":
            run.append(token)
            continue
        if len(run) > 1:
            yield text[run[0].start : run[-1].end]
        if len(run) > _PAIR and begins_sentence(text, run[0].start):
            yield text[run[1].start : run[-1].end]
        grammar = token.form in small or is_silent(token.form)
        run = [token] if capital and not (grammar and begins_sentence(text, token.start)) else []


def _phrases(text: str) -> Iterator[str]:
    """Yield two to four words side by side that neither begin nor end with a word of grammar."""
    words = tokens(text)
    ends = [_tells(token.form) for token in words]
    beside = [text[one.end : other.start] == " " for one, other in pairwise(words)]
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST, len(words))):
            if not beside[end - 1]:
                break
            if ends[start] and ends[end]:
                yield text[words[start].start : words[end].end]


def _pieces(text: str) -> Iterator[str]:
    grammar = frozenset(entries("grammar_signs"))
    for match in _RUN.finditer(text):
        run = match.group()
        for size in _GRAM:
            for start in range(len(run) - size + 1):
                if run[start] not in grammar and run[start + size - 1] not in grammar:
                    yield run[start : start + size]


def _tells(form: str) -> bool:
    return len(form) >= _SHORTEST and not form[0].isdigit() and not is_silent(form)


def is_silent(form: str) -> bool:
    """Tell whether a folded word says nothing of a subject: question words, pronouns, articles and the like."""
    return form in _silent()


@lru_cache(maxsize=1)
def _silent() -> frozenset[str]:
    fields: tuple[ListField, ...] = ("articles", "and_words", "name_prepositions", "date_particles", "denials")
    return silent() | frozenset(word for field in fields for word in known_words(field))
