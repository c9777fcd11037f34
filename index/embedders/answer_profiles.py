"""The parts of an embedder's profile for the steps behind the search: questions, quotes, claims, texts as a whole.

All cosines are of that model's vectors; how a part is read from a file is in `index.embedders.profile`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["FollowUpProfile", "KindsProfile", "QuotesProfile", "SupportProfile", "TextsProfile"]


@dataclass(frozen=True, slots=True)
class KindsProfile:
    """What counts of the probabilities that a question asks for something of a kind (`rag.question.kinds`).

    Attributes:
        least: of a number or a date; below it no text is looked through for one.
        asked: from which on the words that answer must be of the kind.
        certain: from which on words that are not are wrong.
        date: of a date, from which on one that stands beside the answer is no circumstance of it.
        number: of a number or a date, from which on a cell that holds one is shown alone.
        only_number: from which on no cell without one is looked at.
        library: of a question about the library itself; below it the documents are asked.
        only_library: from which on nothing else can be meant.
    """

    least: float
    asked: float
    certain: float
    date: float
    number: float
    only_number: float
    library: float
    only_library: float


@dataclass(frozen=True, slots=True)
class QuotesProfile:
    """What makes a quote of a passage that no reader has read; scores are cosines (`rag.reading.quotes`).

    Attributes:
        passage: weight of the passage's score beside the sentence's own.
        covers: what a sentence gains that holds all words of the question.
        of_the_file: what a row loses that a file says about itself.
        neighbour: how far below a quote the sentence beside it may score to be quoted along.
        further: how far below the best quote another one may score.
        read_neighbour: as `neighbour`, for what is read and not shown.
        read_further: as `further`, for what is read and not shown.
        again_across: what each further quote of a passage in another language than the question's loses.
    """

    passage: float
    covers: float
    of_the_file: float
    neighbour: float
    further: float
    read_neighbour: float
    read_further: float
    again_across: float


@dataclass(frozen=True, slots=True)
class FollowUpProfile:
    """How a follow-up question is told from a new one, and what is quoted for it (`rag.answering.followups`).

    Attributes:
        alone: probability that the passages answer, from which on a question may stand alone …
        better: … where its best sentence scores by so much better than where the conversation was.
        joined: weight of a sentence's cosine with both questions together, beside that with the new one.
        before: weight of its cosine with the question before, which is subtracted.
        less_passage: how much of its passage's score is taken back.
        shown: what a sentence loses that was shown already.
    """

    alone: float
    better: float
    joined: float
    before: float
    less_passage: float
    shown: float


@dataclass(frozen=True, slots=True)
class SupportProfile:
    """When a quote carries a claim, by the cosine of the two (`rag.checking`).

    Attributes:
        close: from which on claim and quote of one language mean the same.
        related: from which on they are about the same.
        close_across: as `close`, for two languages: translations lie further apart than paraphrases.
        related_across: as `related`, for two languages.
        attributed: as `close`, for a source that the answer didn't name.
        attributed_across: as `close_across`, for such a source.
        contradicts: from which on another number in a claim in other words is a contradiction.
        contradicts_across: the same for two languages.
        heading: by how much more than the best sentence a heading must agree to be quoted; the share of words counts
            as much as the cosine.
        name: how much nearer claim and quote come without a name that only the claim has, for it to be foreign.
        quote_name: the same for a name that only the quote has.
        names: the same for one of each together.
        denial: how much nearer they come without a denial that only one of them has, for it to turn the sense.
        implied_denial: the same where the other side has a verb that may stand for a denial.
        second_denial: the same for a denial more.
    """

    close: float
    related: float
    close_across: float
    related_across: float
    attributed: float
    attributed_across: float
    contradicts: float
    contradicts_across: float
    heading: float
    name: float
    quote_name: float
    names: float
    denial: float
    implied_denial: float
    second_denial: float

    @property
    def unnamed(self) -> SupportProfile:
        """The same for sources that nobody named: near in meaning is not enough, they must say the same."""
        return replace(self, close=self.attributed, close_across=self.attributed_across)


@dataclass(frozen=True, slots=True)
class TextsProfile:
    """How texts are summed up, grouped and set side by side, by the cosines of their sentences (`rag.overview`).

    Attributes:
        together: how much nearer two sentences must be to each other than to their neighbours to belong together …
        near: … and their least cosine.
        nearest: by how much the nearest document must be nearer than the next one for it to be meant.
        early: what the first sentences are worth beside the others, as a share of all.
        repeats: cosine above which two sentences say the same.
        apart: how much nearer to their own group than to the next texts must be to be several groups (-1 to 1).
    """

    together: float
    near: float
    nearest: float
    early: float
    repeats: float
    apart: float
