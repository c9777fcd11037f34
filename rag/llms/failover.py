"""Several backends in a row: when one fails, the next one starts anew, and the sources' own words come last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.errors import ConfigError
from rag.errors import LLMError
from rag.llms.base import LLM, load_llm, wants_messages
from rag.llms.calls.guard import LateError, limited
from rag.llms.events import Piece, Withdrawn, text_of
from rag.llms.thoughts import without_thoughts
from rag.types import Message, Prompt

__all__ = ["Failover", "create"]


class Failover:
    """Asks its backends in turn until one has finished a reply.

    Each backend's reply begins with a `Withdrawn` that says who speaks and what went wrong before; all text
    streamed before it is withdrawn. `spec` names the whole chain; the last `Withdrawn` names who answered.
    """

    def __init__(self, backends: Sequence[LLM]) -> None:
        if not backends:
            raise ConfigError("failover needs at least one language model")
        self._backends = tuple(backends)

    def __repr__(self) -> str:
        return f"Failover({self.spec!r})"

    @property
    def spec(self) -> str:
        """The specs of the backends, with commas between."""
        return ",".join(backend.spec for backend in self._backends)

    @property
    def wants_messages(self) -> bool:
        """Whether any of the backends reads messages."""
        return any(wants_messages(backend) for backend in self._backends)

    @property
    def context_tokens(self) -> int | None:
        """The smallest context among the backends that tell theirs: one prompt must fit them all."""
        sizes = [getattr(backend, "context_tokens", None) for backend in self._backends]
        return min((size for size in sizes if size is not None), default=None)

    def within(self, seconds: float) -> Failover:
        """Return the same chain with so many seconds for each backend's reply."""
        return Failover([limited(backend, seconds) for backend in self._backends])

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[Piece]:
        """Yield a `Withdrawn`, then pieces, and again from the next backend when this one fails.

        Raises:
            LLMError: every backend failed; names each reason.
        """
        reasons: list[str] = []
        for backend in self._backends:
            yield Withdrawn(backend.spec, reasons[-1] if reasons else "")
            spoken = False
            try:
                for piece in _whole(backend, messages):
                    spoken = not isinstance(piece, Withdrawn) and (spoken or bool(text_of(piece).strip()))
                    yield piece
            except LateError as error:
                if spoken:  # what was said is shown as far as it goes
                    raise
                reasons.append(str(error))
            except LLMError as error:
                reasons.append(str(error))
            except Exception as error:  # noqa: BLE001 -- a plug-in that breaks its promise must not cost the answer
                reasons.append(f"{backend.spec} failed ({type(error).__name__})")
            else:
                return
        raise LLMError("; ".join(reasons))


def _whole(backend: LLM, messages: Prompt | Sequence[Message]) -> Iterator[Piece]:
    """Yield the pieces of a backend.

    Raises:
        LLMError: it failed, or said nothing but white space.
    """
    spoken = False
    pieces = without_thoughts(backend.stream(messages), backend.spec)
    try:
        for piece in pieces:
            spoken = not isinstance(piece, Withdrawn) and (spoken or bool(text_of(piece).strip()))
            yield piece
    finally:
        pieces.close()
    if not spoken:
        raise LLMError(f"{backend.spec} answered with an empty text")


def create(backends: Sequence[LLM]) -> Failover:
    """Make the chain; `extractive` is added as the last resort unless it is in already."""
    last_resort = [] if any(backend.spec == "extractive" for backend in backends) else [load_llm("extractive")]
    return Failover([*backends, *last_resort])
