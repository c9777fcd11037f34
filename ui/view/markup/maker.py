"""Attributes by which programs read in the page who made a text."""

from __future__ import annotations

from rag.output.notices import made_by

__all__ = ["maker_marks"]


def maker_marks(llm: str) -> dict[str, str | None]:
    """Return the attributes of an element that says who made a text: the program, and whether it quoted or wrote.

    Args:
        llm: spec of the backend that spoke.
    """
    made = made_by(llm)
    return {
        "data_made_by": made["program"],
        "data_kind": made["kind"],
        "data_digital_source_type": made["digital_source_type"],
    }
