"""What is quoted for a follow-up question: words that answer the new question, found where the old one led.

The question before and the new one, joined, find the documents that are meant; searched by the joined question alone,
the sentence that answered before would win again. So the passages of these documents are scored by the new question,
and what was shown already comes last. A question that the rest of the library answers clearly better, and in which no
word points back, stands alone after all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from index.embedders.answer_profiles import FollowUpProfile
from index.language.question_words import common
from index.language.words import tokens
from index.stores.base import Filter
from rag.checking.support import agreement
from rag.question.followups import points_back
from rag.retrieval.confidence import confidence
from rag.retrieval.retrieve import Readable, Retrieved, retrieve
from rag.types import ScoredPassage, Turn

__all__ = ["already_shown", "refocused", "stands_alone"]

_Scores: TypeAlias = Mapping[tuple[str, int], float]

# The documents of so many passages are those that the conversation is about.
_MEANT = 2
# This share of a sentence in an earlier answer, or of the answer in it, makes it one that was shown.
_SAME = 0.75
_MOST_PASSAGES = 50
# Passages that the new question alone finds in the documents that are meant.
_ADDED = 2


def stands_alone(alone: Retrieved, meant: Sequence[ScoredPassage], question: str) -> bool:
    """Tell whether a question that looks like a follow-up is answered better without the one before it.

    Args:
        alone: what the question finds by itself.
        meant: the passages of the documents that the conversation is about, scored by the question.
        question: the new question, cleaned.
    """
    if points_back(question) or alone.evidence is None:
        return False
    profile = alone.profile.follow_ups
    is_sure = confidence(alone.evidence, alone.profile.confidence) >= profile.alone
    return is_sure and _best(alone.passages) > _best(meant) + profile.better


def refocused(
    index: Readable, talk: tuple[str, str], joined: Retrieved, history: Sequence[Turn], k: int, where: Filter | None
) -> Retrieved | None:
    """Return the joined question's passages with sentences scored for the new one; `None` when it stands alone.

    Args:
        index: an open index.
        talk: the question before and the new one, as they were joined.
        joined: what they found together, best first.
        history: earlier turns, oldest first; what their answers showed comes last.
        k: most passages to return.
        where: which passages may be used; `None` means all.
    """
    before, question = talk
    names = [hit.passage.document_id for hit in joined.passages]
    inside = replace(where or Filter(), documents=tuple(dict.fromkeys(names)))
    scored = retrieve(index, question, _MOST_PASSAGES, inside).passages
    meant = [hit for hit in scored if hit.passage.document_id in names[:_MEANT]]
    if not points_back(question) and stands_alone(retrieve(index, question, k, where), meant, question):
        return None
    known = {hit.passage.id for hit in joined.passages}
    lowest = min((hit.score for hit in joined.passages), default=0.0)
    added = [replace(hit, score=lowest) for hit in meant if hit.passage.id not in known][:_ADDED]
    hits = [*joined.passages[: k - len(added)], *added]
    old = _scores(retrieve(index, before, _MOST_PASSAGES, inside).passages)
    new = _scores(scored)
    return replace(joined, passages=tuple(_refocus(hit, new, old, history, joined.profile.follow_ups) for hit in hits))


def already_shown(text: str, history: Sequence[Turn]) -> bool:
    """Tell whether a sentence stands in an earlier answer, or is the one that a short earlier answer was taken from."""
    words = [token.form for token in tokens(text)]
    if not words:
        return False
    for turn in history:
        said = [token.form for token in tokens(turn.answer) if not token.form.isdigit()]
        own = [form for form in said if form not in common()]
        if agreement(words, said) >= _SAME or (own and agreement(own, words) >= _SAME):
            return True
    return False


def _best(hits: Sequence[ScoredPassage]) -> float:
    return max((sentence.score for hit in hits for sentence in hit.sentences), default=0.0)


def _scores(hits: Sequence[ScoredPassage]) -> _Scores:
    """Return the score of each sentence, by its passage and where it begins."""
    return {(hit.passage.id, sentence.start): sentence.score for hit in hits for sentence in hit.sentences}


def _refocus(
    hit: ScoredPassage, new: _Scores, old: _Scores, history: Sequence[Turn], profile: FollowUpProfile
) -> ScoredPassage:
    """Return a passage whose sentences are scored for the new question.

    A sentence's score is its cosines with the joined and with the new question, less a part of that with the one
    before, which the sentence that answered it has most of. Its passage's score counts less than usual: it only says
    which subject. What was shown, or answers the question before best, comes last.
    """
    start = hit.passage.start
    sentences = []
    first = max(old, key=lambda place: old[place], default=None)
    for sentence in hit.sentences:
        place = (hit.passage.id, sentence.start)
        score = profile.joined * sentence.score + new.get(place, 0.0) - profile.before * old.get(place, 0.0)
        words = hit.passage.text[sentence.start - start : sentence.end - start]
        shown = place == first or already_shown(words, history)
        sentences.append(replace(sentence, score=score - profile.less_passage * hit.score - profile.shown * shown))
    return replace(hit, sentences=tuple(sentences))
