"""The one method that every backend has, and how a spec string finds its backend.

A spec is `KIND` or `KIND:ARGUMENT`; several, separated by commas, are asked in turn until one answers. Built-in
backends and third-party ones are found in the same way: a kind names a factory, which gets the argument (the text
behind the first colon, `""` when there is none) and returns the backend. A package offers its own kinds through the
entry-point group `babelquote.llms`, with the kind as the entry's name and the factory as its object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast, runtime_checkable

from index.errors import ConfigError, RagError
from index.plugins import blaming, entry_points
from rag.llms.events import Piece
from rag.llms.kinds import KINDS
from rag.types import Message, Prompt

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "LLM",
    "Factory",
    "kinds",
    "load_llm",
    "usage",
    "wants_messages",
]

GROUP = "babelquote.llms"


@runtime_checkable
class LLM(Protocol):
    """A backend that writes answers.

    Four optional attributes tell the assistant more: `wants_messages` (bool, default `True`; `False` for a
    backend that reads `Prompt.passages` and no messages), `context_tokens` (int, how many tokens the messages and
    the reply may have together), `source_tokens` (int, how many tokens of sources the model reads in good time) and
    `count_tokens` (a function from a text to its number of tokens for this model, which raises only `LLMError`;
    tiktoken counts without it).
    """

    @property
    def spec(self) -> str:
        """The spec that names this backend, without keys or other secrets."""
        ...

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[Piece]:
        """Yield the reply in pieces as they come, each a `str`; closing the iterator stops the work.

        What is more than text has a type of its own (`rag.llms.events`).

        Must be callable from several threads at once. When `messages` is a `Prompt`, its passages are the numbered
        sources, and the reply cites them as `[1]`, `[2]` …

        Args:
            messages: the conversation, system message first.

        Raises:
            LLMError: whatever goes wrong; nothing else may come out.
        """
        ...


Factory: TypeAlias = Callable[[str], LLM]


_FAILOVER = "rag.llms.failover:create"


def kinds() -> dict[str, EntryPoint]:
    """Return every kind that a spec may begin with; a built-in can't be replaced by another package."""
    from importlib.metadata import EntryPoint

    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    for name, kind in KINDS.items():
        found[name] = EntryPoint(name=name, value=kind.factory, group=GROUP)
    return found


def usage() -> str:
    """Return the valid specs in one line, for messages and help texts."""
    others = sorted(set(kinds()) - set(KINDS))
    return ", ".join([kind.form for kind in KINDS.values()] + [f"{kind}[:…]" for kind in others])


def load_llm(spec: str | LLM) -> LLM:
    """Return the backend that a spec names; a backend object is returned as it is.

    Args:
        spec: `"extractive"`, `"ollama:qwen3"` …; with commas between several, the later ones step in when one fails.

    Raises:
        ConfigError: no such kind, an argument that its backend refuses, or a package that is not installed.
    """
    if not isinstance(spec, str):
        return spec
    parts = [part.strip() for part in spec.split(",") if part.strip()]
    if not parts:
        raise ConfigError("no language model was named", f"valid ones: {usage()}")
    backends = [_load_one(part) for part in parts]
    if len(backends) == 1:
        return backends[0]
    from importlib.metadata import EntryPoint

    chain = cast("Callable[[Sequence[LLM]], LLM]", _resolve(EntryPoint(name="failover", value=_FAILOVER, group=GROUP)))
    return chain(backends)


def _load_one(spec: str) -> LLM:
    kind, _, argument = spec.partition(":")
    entry = kinds().get(kind)
    if entry is None:
        from index.sources.web.addresses import shown_address  # brings all readers of files

        raise ConfigError(f"unknown language model {shown_address(spec)[:100]!r}", f"valid ones: {usage()}")
    factory = cast("Factory", _resolve(entry))
    return factory(argument) if kind in KINDS else _foreign(entry, factory, argument)


def _foreign(entry: EntryPoint, factory: Factory, argument: str) -> LLM:
    """Return what another package's factory makes, checked."""
    from rag.llms.brought import CheckedLLM

    who = f"the backend {entry.name!r}"
    with blaming(who):
        made: object = factory(argument)
    if not isinstance(made, LLM):
        raise ConfigError(f"entry point {entry.name} of {GROUP}: {entry.value} makes no backend", "fix or remove it")
    return CheckedLLM(made, who)


def _resolve(entry: EntryPoint) -> object:
    """Import the factory; a missing package becomes a sentence that names it."""
    try:
        return entry.load()
    except RagError:
        raise
    except Exception as error:  # importing a package runs its code
        reason = str(error) if isinstance(error, ImportError | AttributeError) else f"{type(error).__name__}: {error}"
        raise ConfigError(f"the backend {entry.name!r} ({entry.value}) can't be loaded: {reason}") from error


def wants_messages(llm: LLM) -> bool:
    """Tell whether a backend reads messages, so that a prompt with counted tokens must be made for it."""
    return bool(getattr(llm, "wants_messages", True))
