"""What is said of a text that was checked: each quotation and each claim, with the words of the sources that decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rag.types import Citation

__all__ = [
    "MOST_CHARACTERS",
    "MOST_CLAIMS",
    "MOST_QUOTATIONS",
    "CheckedClaim",
    "CheckedDraft",
    "CheckedQuotation",
    "ClaimVerdict",
    "Difference",
    "Progress",
    "QuotationVerdict",
]

QuotationVerdict: TypeAlias = Literal["exact", "nearly", "absent"]
ClaimVerdict: TypeAlias = Literal["supported", "partly", "not found", "contradicted"]
Progress: TypeAlias = Callable[[int, int], None]
"""Called with how much is done, and of how much."""

MOST_CHARACTERS = 100_000
"""Longest text that is checked, in code points: some forty pages."""
MOST_QUOTATIONS = 300
MOST_CLAIMS = 200
"""What comes after so many is not checked, and a warning says so."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Words of a quotation that the source has otherwise.

    Attributes:
        said: the quotation's words; `""` where it leaves some out.
        stands: the source's words; `""` where the quotation adds some.
        declared: the writer marked the change with brackets, as in "[the minister] resigned".
    """

    said: str
    stands: str
    declared: bool = False


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """A quotation of the text, `text[start:end] == words`.

    Attributes:
        start: first code point, in the text that was checked.
        end: one past its last.
        words: what stands between the marks, or in the block.
        verdict: `"exact"`: a source has these words; `"nearly"`: it has them with the differences; `"absent"`: no
            document that may be found has them.
        citations: where it stands, at most three documents; the first one decides. Empty when absent.
        differences: in the order of the words; those of an exact quotation are declared ones.
    """

    start: int
    end: int
    words: str
    verdict: QuotationVerdict
    citations: tuple[Citation, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A sentence of the text that says something, `text[start:end]`.

    Attributes:
        start: first code point, in the text that was checked.
        end: one past its last.
        text: the sentence.
        verdict: what the sources make of it.
        citation: the words that decide; of a claim that was not found the nearest ones, or `None`.
        differences: of a contradicted claim, what it says and what stands there.
    """

    start: int
    end: int
    text: str
    verdict: ClaimVerdict
    citation: Citation | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A text with what was found out about it.

    Attributes:
        text: what was checked.
        quotations: in reading order.
        claims: in reading order.
        generation: of the index.
        seconds: how long it took.
        warnings: sentences for people: what was not checked.
    """

    text: str
    quotations: tuple[CheckedQuotation, ...]
    claims: tuple[CheckedClaim, ...]
    generation: int
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether every quotation is exact and no claim is contradicted."""
        return all(one.verdict == "exact" for one in self.quotations) and all(
            one.verdict != "contradicted" for one in self.claims
        )
