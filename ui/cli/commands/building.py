"""The commands that write or describe an index: `index`, `status`, `export`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ui.cli.commands import answers as commands
from ui.cli.commands import indexing
from ui.cli.options.shared import (
    Add,
    AsJson,
    ByContent,
    EmbedderSpec,
    Exclude,
    Force,
    IdField,
    Include,
    IndexDir,
    LanguageField,
    MaxFileSize,
    Ocr,
    PrivateAddresses,
    Rebuild,
    Sources,
    TextField,
    TitleField,
    Verify,
    Watch,
    WorkersOption,
    located,
)
from ui.cli.options.unused import require_alone

__all__ = ["backup", "export", "index_command", "restore", "status"]


def index_command(
    context: typer.Context,
    paths: Sources = None,
    index_dir: IndexDir = None,
    embedder: EmbedderSpec = None,
    rebuild: Rebuild = False,
    by_content: ByContent = False,
    add: Add = False,
    watch: Watch = False,
    include: Include = None,
    exclude: Exclude = None,
    title_field: TitleField = "",
    text_field: TextField = "",
    id_field: IdField = "",
    language_field: LanguageField = "",
    ocr: Ocr = "",  # noqa: ARG001 - its callback has put it where the build looks
    max_file_size: MaxFileSize = None,
    allow_private_addresses: PrivateAddresses = False,
    verify: Verify = False,
    workers: WorkersOption = None,
    json: AsJson = False,
) -> None:
    """Build the index, or bring it up to date."""
    if verify:
        _verify(context, index_dir, as_json_wanted=json)
    _check_paths(paths, add=add)
    options = indexing.BuildOptions(
        index_dir=located(index_dir),
        embedder=embedder,
        rebuild=rebuild,
        by_content=by_content,
        add=add,
        patterns=(tuple(include or ()), tuple(exclude or ())),
        private_addresses=allow_private_addresses,
        fields=(title_field, text_field, id_field, language_field),
        max_file_size=max_file_size,
        json=json,
        workers=workers,
    )
    raise typer.Exit(_built(paths or (), options, watch=watch))


def _built(paths: Sequence[str], options: indexing.BuildOptions, *, watch: bool) -> int:
    """Build; then, where it was asked for, build again whenever something changes. Returns the exit code."""
    code = indexing.build(paths, options)
    return indexing.follow(options) if watch else code


def _check_paths(paths: Sources, *, add: bool) -> None:
    if add and not paths:
        raise typer.BadParameter("--add: name what to add; without it, rag index updates what is indexed already")


def _verify(context: typer.Context, index_dir: IndexDir, *, as_json_wanted: bool) -> NoReturn:
    require_alone(context, "--verify", "builds nothing", {"verify", "index_dir", "json"})
    raise typer.Exit(indexing.verify_index(located(index_dir), as_json_wanted=as_json_wanted))


def status(index_dir: IndexDir = None, json: AsJson = False) -> None:
    """Say what is indexed, and what to do about what went wrong.

    The exit code is 1 when there is something to do.
    """
    raise typer.Exit(indexing.status(located(index_dir), as_json_wanted=json))


def backup(
    file: Annotated[Path, typer.Argument(help="Archive to write: .tar, or .tar.gz to pack it.")],
    index_dir: IndexDir = None,
    force: Force = False,
    json: AsJson = False,
) -> None:
    """Write the index into one checked file.

    What was uploaded and judged goes with it. A build may run meanwhile.
    """
    import index

    indexing.print_backup(index.back_up(file, located(index_dir), force=force), "wrote", as_json_wanted=json)


def restore(
    file: Annotated[Path, typer.Argument(help="Archive that `rag backup` wrote.")],
    index_dir: IndexDir = None,
    force: Force = False,
    json: AsJson = False,
) -> None:
    """Put a backup in the index's place.

    Every file of it is checked before.
    """
    import index

    indexing.print_backup(index.restore(file, located(index_dir), force=force), "restored", as_json_wanted=json)


def export(
    index_dir: IndexDir = None,
    vault: Annotated[
        Path | None, typer.Option(help="Write a note for Obsidian for each document into this folder instead.")
    ] = None,
) -> None:
    """Print every passage as JSON lines."""
    if vault is not None:
        from ui.cli.commands.vault import write_vault

        indexing.print_notes(write_vault(vault, located(index_dir)), vault)
        return
    commands.export(located(index_dir))
