"""What every command takes that asks an index: which index, what may be found in it, and the models that read.

The options stand here once, so that no command lacks one or means another thing by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, cast

import typer

from ui.cli.options.grouping import Command, grouped
from ui.cli.options.shared import (
    Documents,
    Folder,
    InCollections,
    IndexDir,
    Languages,
    Nli,
    Reading,
    Reranker,
    Since,
    Until,
    Where,
    located,
)
from ui.cli.options.unused import refuse_for_models
from ui.service.asking.filters import filter_of

if TYPE_CHECKING:
    from index.locations import Location
    from index.stores.base import Filter
    from rag import AnswerConfig, Assistant
    from rag.types import Style

__all__ = ["Choice", "choosing"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The options as they were given.

    Attributes:
        index_dir: folder or database of the index; `None` for the default one.
        where: which passages may be found; `None` means all.
        reader: spec of the model that reads question and passage together.
        reranker: spec of the model that orders the passages anew; `""`: none.
        nli: spec of the model that judges claims; `""`: none.
    """

    index_dir: Location | None = None
    where: Filter | None = None
    reader: str = "bundled"
    reranker: str = ""
    nli: str = ""

    def config(self, k: int = 5, style: str = "normal") -> AnswerConfig:
        """Return how an answer is made.

        Raises:
            ConfigError: a spec names no such kind of model, or there is no such style.
        """
        from rag import AnswerConfig

        return AnswerConfig(k=k, style=cast("Style", style), nli=self.nli, reader=self.reader, reranker=self.reranker)

    def assistant(self, llm: str = "extractive", k: int = 5, style: str = "normal", *, once: bool = False) -> Assistant:
        """Return an assistant that finds what was chosen and nothing else.

        Args:
            llm: spec of the backend.
            k: how many passages to retrieve.
            style: how long a language model writes.
            once: it is asked one question and no more.

        Raises:
            ConfigError: a spec is wrong, or nothing in the index can match the filter.
            StoreError: there is no sound index.
        """
        from index.embedders.base import Brief
        from rag import Assistant
        from ui.service.asking.filters import check_filter

        assistant = Assistant(index_dir=self.index_dir, llm=llm, config=self.config(k, style), where=self.where)
        with assistant.reading() as opened:
            if once and isinstance(opened, Brief):
                opened.be_brief()
            check_filter(assistant.resolved(self.where), opened.store)
        return assistant


def _choice(
    index_dir: IndexDir = None,
    reranker: Reranker = "",
    reader: Reading = "bundled",
    nli: Nli = "",
    language: Languages = None,
    document: Documents = None,
    since: Since = None,
    until: Until = None,
    folder: Folder = None,
    where: Where = None,
    collection: InCollections = None,
) -> Choice:
    named = tuple(language or ()), tuple(document or ())
    where_asked = filter_of(*named, since, until, folder, _pairs(where or ()), tuple(collection or ()))
    return Choice(located(index_dir), where_asked, reader, reranker, nli)


def _pairs(options: Sequence[str]) -> dict[str, str]:
    """Return what `--where author=Mei` names: keys of metadata and what their values hold."""
    pairs = [(key.strip(), value.strip()) for key, _, value in (each.partition("=") for each in options)]
    if not all(key and value for key, value in pairs):
        raise typer.BadParameter("--where: write a key and what its value holds, such as author=Mei")
    return dict(pairs)


def choosing(command: Command) -> Command:
    """Give a command these options in place of its parameter `choice`, which then holds what was chosen."""
    grouped_command = grouped("choice", _choice)(command)

    @wraps(grouped_command)
    def called(**given: object) -> None:
        refuse_for_models((str(given.get("llm", "extractive")), *_listed(given.get("offer"))), given)
        grouped_command(**given)

    return called


def _listed(specs: object) -> list[str]:
    return [str(one) for one in specs] if isinstance(specs, list) else []
