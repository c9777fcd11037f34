"""The command `doctor`: what works on this machine, and the fix of what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from ui.cli.config_file import loaded
from ui.cli.environment import misspelt, wrong_values
from ui.cli.options.shared import AsJson, IndexDir, Llm, Offer, Reading, located
from ui.terminal.colours import Line, Span, Style, line, show
from ui.terminal.lines import as_json, echo

if TYPE_CHECKING:
    from ui.service.watching.checkup import Finding

__all__ = ["doctor_command"]

_STYLES: dict[str, Style] = {"ok": "good", "note": "doubt", "bad": "bad"}


def doctor_command(
    index_dir: IndexDir = None,
    llm: Llm = "extractive",
    offer: Offer = None,
    reader: Reading = "bundled",
    json: AsJson = False,
) -> None:
    """Look at what works on this machine, with the fix if not.

    The exit code is 1 when something does not work. Nothing is sent to anybody.
    """
    from ui.service.watching.checkup import Chosen, checkup

    offered = [part.strip() for entry in offer or () for part in entry.split(",")]
    llms = tuple(dict.fromkeys(one for one in (llm, *offered) if one))
    doubts = (*wrong_values(), *misspelt())
    found = checkup(Chosen(located(index_dir), llms, reader, loaded().path, loaded().wrong, doubts))
    findings = []
    for one in found:  # shown as it is found: models take seconds to load
        findings.append(one)
        if not json:
            show(_lines(one))
    if json:
        echo(as_json({"findings": findings}))
    raise typer.Exit(1 if any(one.state == "bad" for one in findings) else 0)


def _lines(one: Finding) -> list[Line]:
    heading = line(Span(f"{one.state:<5}", _STYLES[one.state]), Span(f"{one.name:<12}", "title"), one.found, indent=17)
    return [heading, line(f"{'':<17}→ {one.fix}", indent=19)] if one.fix else [heading]
