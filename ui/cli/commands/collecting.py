"""The command `collection`: named sets of documents, and to whom each belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.options.shared import AsJson, IndexDir, located
from ui.terminal.colours import note
from ui.terminal.lines import as_json, echo

if TYPE_CHECKING:
    from index.opening.listing import Listed
    from index.stores.collections import Collection

__all__ = ["collection"]

Name = Annotated[str, typer.Argument(help="The collection; without one, all are listed.", show_default=False)]
Ids = Annotated[list[str] | None, typer.Option("--document", help="Put this document into it, by its id; repeatable.")]
Places = Annotated[
    list[str] | None,
    typer.Option("--folder", help="Put in what lies below this folder, now and later; repeatable."),
]
Matching = Annotated[str | None, typer.Option("--matching", help="Put in what has these words in its title or source.")]
Without = Annotated[
    list[str] | None, typer.Option("--without", help="Take this document or folder out of it; repeatable.")
]
Owner = Annotated[
    str, typer.Option("--for", help="To whom it belongs: everyone, group:NAME or user:NAME.", show_default=True)
]
Closed = Annotated[bool | None, typer.Option("--closed/--open", help="Whether its documents are kept from all others.")]
Delete = Annotated[bool, typer.Option("--delete", help="Forget the collection; no document is deleted.")]
OthersClosed = Annotated[
    bool | None,
    typer.Option("--others-closed/--others-open", help="Whether documents of no collection are shown to nobody."),
]


def collection(
    name: Name = "",
    *,
    document: Ids = None,
    folder: Places = None,
    matching: Matching = None,
    without: Without = None,
    owner: Owner = "everyone",
    closed: Closed = None,
    delete: Delete = False,
    others_closed: OthersClosed = None,
    index_dir: IndexDir = None,
    json: AsJson = False,
) -> None:
    """Make, change, show or list sets of documents to ask.

    A collection also says who may see its documents in `rag chat --auth`.
    """
    from ui.service.collections.collecting import Wanted, change, listed

    location = located(index_dir)
    wanted = Wanted(
        tuple(document or ()), tuple(folder or ()), matching or "", tuple(without or ()), owner, closed, delete=delete
    )
    kept, listing = change(location, name, wanted, others_closed)
    if kept.others_closed:
        note("documents that are in no collection are shown to nobody but whoever owns this index")
    if not name:
        rows = [_row(one, listing) for one in kept.each]
        echo(as_json(rows) if json else "\n".join(map(_line, rows)) or "no collection yet")
        return
    if (found := kept.find(name, owner)) is None:
        echo(as_json(None) if json else f"{name}: there is no such collection of {owner}")
        return
    documents = listed(found, listing)
    if json:
        echo(as_json({**_row(found, listing), "ids": [one.id for one in documents]}))
        return
    held = [f"  {one}/" for one in found.places] + [f"  {one.id}  {one.title} ({one.source})" for one in documents]
    echo("\n".join([_line(_row(found, listing)), *held]))


def _row(one: Collection, listing: tuple[Listed, ...]) -> dict[str, object]:
    from ui.service.collections.collecting import listed

    return {
        "name": one.name,
        "owner": one.owner,
        "closed": one.closed,
        "documents": len(listed(one, listing)),
        "folders": list(one.places),
    }


def _line(row: dict[str, object]) -> str:
    state = "closed" if row["closed"] else "open"
    return f"{row['name']}: {row['documents']} documents, {state}, belongs to {row['owner']}"
