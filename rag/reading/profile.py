"""The numbers that were fitted to one reader: a file for each in `profiles/`, none in code.

`tools/fit_reading.py` makes the file of the bundled reader. A reader without a file of its own takes `generic.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.embedders.profile_file import read_profile_file
from rag.question.rows.rereading import RowsProfile
from rag.types import Reading

__all__ = ["Confidence", "Quotes", "ReadingProfile", "Sure", "bears_witness", "knows_the_words", "profile_of"]

_FOLDER = Path(__file__).with_name("profiles")


@dataclass(frozen=True, slots=True)
class Quotes:
    """What makes a quote; all scores are natural logarithms.

    Attributes:
        sentence: weight of the log-probability that the sentence answers.
        words: weight of the log-probability that the answering words begin in it.
        passage: weight of the passage's own score.
        covers: what a sentence gains that holds all words of the question.
        neighbour: how far below a quote the sentence beside it may score to be quoted along.
        further: how far below the best quote another one may score.
        read_neighbour: as `neighbour`, for what is read and not shown.
        read_further: as `further`, for what is read and not shown.
        heading: by how much more than every sentence a heading must score to be quoted with what it heads.
        begins: probability that the words that answer begin in a sentence, from which on it is quoted.
    """

    sentence: float
    words: float
    passage: float
    covers: float
    neighbour: float
    further: float
    read_neighbour: float
    read_further: float
    heading: float
    begins: float


@dataclass(frozen=True, slots=True)
class Confidence:
    """Weights of a logistic function: the log-odds that the passages answer.

    Attributes:
        bias: where nothing speaks for or against.
        answers: of the reader's log-odds for the best passage.
        evidence: of the retrieval's log-odds (`rag.retrieval.confidence.logit`).
        enough: above so much evidence the subject is right, and more of it says nothing about whether it is answered.
        across: share of the reader's weight where question and passage are in different languages, which it saw
            together for a few pairs only: what it says there orders passages, but is too low throughout.
        apart: what is added there to all that speaks for an answer.
        threshold: probability below which the answer is a refusal.
        of_properties: the same where the best passage is what a file says about itself: its fields ("budget: 48000")
            don't say whose they are, and a reader takes one for another thing of somebody named beside it.
        likely: from which on a passage answers what only loosely asks for whole texts or for all dates.
        surely: … what may also be a question about the library.
        certainly: … what may also ask to sum up or compare texts that it names.
        far: below which every passage is far from the question.
    """

    bias: float
    answers: float
    evidence: float
    enough: float
    across: float
    apart: float
    threshold: float
    of_properties: float
    likely: float
    surely: float
    certainly: float
    far: float


@dataclass(frozen=True, slots=True)
class Sure:
    """The thresholds from which on the words that answer are shown, fitted to one reader.

    Attributes:
        span: least log-probability of the words among all of their passage.
        answers: least log-odds, by the reader alone, that their passage answers.
        confidence: least probability that the passages answer.
        witness: least log-odds that a passage of another document answers, for its words to be set beside them.
        witness_span: least log-probability of these words.
        differs: least log-odds for saying that they differ.
        alone: as `answers`, for words that are the only ones of the kind that is asked for.
        alone_span: as `span`, for these.
        among: as `answers`, for words beside which others of their kind stand.
        across: as `answers`, in another language than the question's, for words of no known kind whose
            `span` is below `across_span`.
        across_span: least log-probability from which `across` isn't asked of such words.
        rival: other words are rivals where they are by so much less likely at most (in natural logarithms).
        beside: as `answers`, for words of no known kind that have a rival.
        same_kind: other words of the kind that is asked for count where they are by so much less likely at most.
        name: log-probability of the sentence that answers, from which on its only name is the answer …
        near_name: … where that name is by so much less likely at most than the words that the reader points at.
        within: the number within a clause answers alone where it is by so much less likely at most.
    """

    span: float
    answers: float
    confidence: float
    witness: float
    witness_span: float
    differs: float
    alone: float
    alone_span: float
    among: float
    across: float
    across_span: float
    rival: float
    beside: float
    same_kind: float
    name: float
    near_name: float
    within: float


@dataclass(frozen=True, slots=True)
class ReadingProfile:
    """All that was fitted to a reader.

    Attributes:
        most: passages that are read.
        sure: log-odds from which the first passage is enough.
        ahead: by how much its retrieval score must lead for that.
        at_last: passages that are read where the first ones hardly answer …
        unsure: … with a probability below this …
        behind: … as far as their retrieval score is no more than this below the first one's.
        worth: log-odds that a unit of the retrieval's score counts where passages that were read are ordered.
        quotes: which sentences are quoted.
        confidence: when an answer is a refusal.
        words: when a short answer is given.
        rows: which cell, row or field is asked for.
    """

    most: int
    sure: float
    ahead: float
    at_last: int
    unsure: float
    behind: float
    worth: float
    quotes: Quotes
    confidence: Confidence
    words: Sure
    rows: RowsProfile


@lru_cache(maxsize=8)
def profile_of(spec: str) -> ReadingProfile:
    """Return the profile of the reader with a spec: of its kind, what stands before the colon; else `generic.toml`.

    Raises:
        RagError: a number is missing, unknown or of another type.
    """
    kind = spec.partition(":")[0]
    own = _FOLDER / f"{kind}.toml"
    return read_profile_file(own if kind.isidentifier() and own.is_file() else _FOLDER / "generic.toml", ReadingProfile)


def bears_witness(reading: Reading) -> bool:
    """Tell whether a reader is sure enough of a passage's words to set them beside those of a better one."""
    sure = profile_of(reading.reader).words
    return reading.span >= sure.witness_span and reading.answers >= sure.witness


def knows_the_words(reading: Reading) -> bool:
    """Tell whether a reader knows which words of a passage answer: they stand out, and it may answer at all."""
    sure = profile_of(reading.reader).words
    return reading.span >= sure.span and reading.answers >= sure.answers
