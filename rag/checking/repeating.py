"""Whether a claim is nothing but whole sentences of its quote."""

from __future__ import annotations

from index.language.scripts import NO_SPACES, script_of
from index.language.sentences.answer_sentences import sentence_spans

__all__ = ["repeated"]

_FINAL = ".!?…。！？؟۔।॥։። "
_NEAR = 12  # code points that tell the script at a place


def repeated(claim: str, quote: str, language: str) -> bool:
    """Tell whether the claim is whole sentences of the quote, letter by letter; spaces may differ.

    Less than a sentence may lack what turns it round: "5 ships sank" stands in "15 ships sank", and so does "he won"
    in "nobody says that he won".
    """
    claim, quote = " ".join(claim.split()), " ".join(quote.split())
    if claim == quote:
        return True
    at = quote.find(claim)
    if at < 0:
        return False
    spans = sentence_spans(quote, language)
    begins = {start for start, _ in spans}
    ends = {end for _, end in spans} | {start + len(quote[start:end].rstrip(_FINAL)) for start, end in spans}
    while at >= 0:
        end = at + len(claim)
        if (at in begins or _parted(quote, at)) and (end in ends or _parted(quote, end + 1)):
            return True
        at = quote.find(claim, at + 1)
    return False


def _parted(text: str, place: int) -> bool:
    """Tell whether a space of an unspaced script, which parts sentences there, stands before a place."""
    return text[place - 1 : place] == " " and script_of(text[max(0, place - _NEAR) : place]) in NO_SPACES
