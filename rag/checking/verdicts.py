"""What a reader's verdicts make of claims: each claim and quote read once, all of an answer in few calls.

The numbers that turn a probability into a relation are those of one reader. For the bundled one `tools/fit_verdict.py`
fits them into `reading/verdict.toml`; any other takes `reading/verdict_generic.toml`. What a quote seems to support is
asked back (`rag.checking.asking_back`).
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.errors import ConfigError, RagError
from rag.checking.asking_back import Sure, says_otherwise
from rag.checking.entailment import Relation
from rag.reading.loading import BUNDLED
from rag.reading.types import ClaimReader, Reader

__all__ = ["PROFILE", "Readings", "VerdictProfile", "asked_back", "profile_of", "read_profile"]

_log = logging.getLogger(__name__)

# Bytes of claims and quotes that are read for one answer: more than an honest one needs. What comes after them is not
# read, and so at best partly supported.
_MOST_BYTES = 12_000
PROFILE = Path(__file__).parents[1] / "reading" / "verdict.toml"
_ASKS = {"asked_answers", "asked_span"}
_GENERIC = PROFILE.with_name("verdict_generic.toml")


@dataclass(frozen=True, slots=True)
class VerdictProfile:
    """From which probabilities a reader's word counts.

    Attributes:
        supported: probability that a claim is supported from which the quote entails it.
        across: the same where claim and quote are in two languages, of which the reader is less sure.
        unsupported: probability under which the quote doesn't show it.
        asked: from when on what is found in the place of a part of the claim speaks against it; `None`: nothing is
            asked back.

    Raises:
        ConfigError: the numbers are no probabilities, or in the wrong order.
    """

    supported: float
    across: float
    unsupported: float
    asked: Sure | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        if not all(0 <= self.unsupported <= number <= 1 for number in (self.supported, self.across)):
            raise ConfigError(f"a verdict profile needs 0 <= unsupported <= supported, across <= 1, not {self}")

    def relation(self, probability: float, *, across: bool = False) -> Relation:
        """Return what a probability of support amounts to."""
        if probability >= (self.across if across else self.supported):
            return "entailment"
        return "contradiction" if probability < self.unsupported else "neutral"


class Readings:
    """Relations of claims to quotes by a reader.

    Args:
        reader: judges claims; `None`: nothing is known of them.
        profile: of the reader; `None`: the one that goes with it.
    """

    def __init__(self, reader: ClaimReader | None, profile: VerdictProfile | None = None) -> None:
        self._reader = reader
        self._profile = profile or profile_of(reader)
        self._known: dict[tuple[str, str], float] = {}
        self._asked: dict[tuple[str, str], Relation] = {}
        self._left = _MOST_BYTES

    @property
    def known(self) -> bool:
        """Whether a reader is at hand."""
        return self._reader is not None

    def prepare(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Judge in one call what is not known yet; a pair is a claim and its quote.

        A reader that fails is asked no more: rules and vectors judge alone.
        """
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._known and all(map(str.strip, pair))]
        new = [pair for pair in new if self._affords(pair)]
        if self._reader is None or not new:
            return
        try:
            verdicts = self._reader.judge(new)
        except RagError as error:
            _log.warning("claims are judged without the reader: %s", error)
            self._reader = None
            return
        for pair, verdict in zip(new, verdicts, strict=True):
            self._known[pair] = verdict.supported

    def _affords(self, pair: tuple[str, str]) -> bool:
        self._left -= sum(len(text.encode("utf-8", "surrogatepass")) for text in pair)
        return self._left >= 0

    def relation(self, claim: str, quote: str, *, across: bool = False) -> Relation | None:
        """Return how a claim relates to a quote, `None` when nobody knows."""
        self.prepare([(claim, quote)])
        probability = self._known.get((claim, quote))
        if probability is None:
            return "neutral" if self._reader is not None and self._left < 0 else None
        relation = self._profile.relation(probability, across=across)
        return self._doubted(claim, quote) if relation == "entailment" and not across else relation

    def _doubted(self, claim: str, quote: str) -> Relation:
        """Return what becomes of a claim that is entailed, once it was asked back, twice at most."""
        if (claim, quote) not in self._asked:
            self._asked[claim, quote] = asked_back(self._reader, claim, quote, self._profile)
        return self._asked[claim, quote]


def asked_back(reader: ClaimReader | None, claim: str, quote: str, profile: VerdictProfile) -> Relation:
    """Return how an entailed claim relates to its quote, in one language, once it was asked back: entailed or neutral.

    A reader that reads no passages, or fails, has no doubts.
    """
    if profile.asked is None or not isinstance(reader, Reader):
        return "entailment"
    try:
        doubted = says_otherwise(reader, claim, quote, profile.asked)
    except RagError as error:
        _log.warning("a claim is not asked back: %s", error)
        return "entailment"
    return "neutral" if doubted else "entailment"


def profile_of(reader: ClaimReader | None) -> VerdictProfile:
    """Return the profile of a reader: the generic one where it says that it is another one than the bundled."""
    return read_profile(PROFILE if getattr(reader, "spec", BUNDLED) == BUNDLED else _GENERIC)


@lru_cache(maxsize=4)
def read_profile(path: Path = PROFILE) -> VerdictProfile:
    """Return the profile in a file.

    Raises:
        ConfigError: the file is missing or broken.
    """
    try:
        numbers = tomllib.loads(path.read_text(encoding="utf-8"))
        asked = Sure(float(numbers["asked_answers"]), float(numbers["asked_span"])) if _ASKS & numbers.keys() else None
        supported, across, unsupported = (float(numbers[name]) for name in ("supported", "across", "unsupported"))
        return VerdictProfile(supported, across, unsupported, asked)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"the verdict profile {path} can't be read ({error!r})", "install babelquote anew") from error
