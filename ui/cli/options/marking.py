"""The option that gives citations as Web Annotations too, where JSON is printed."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Annotations", "check_annotations"]

Annotations = Annotated[
    bool, typer.Option("--annotations", help="With --json: the citations as W3C Web Annotations too.")
]


def check_annotations(wanted: bool, *, json: bool) -> None:
    """Refuse the option where it would change nothing."""
    if wanted and not json:
        raise typer.BadParameter("--annotations has no effect without --json")
