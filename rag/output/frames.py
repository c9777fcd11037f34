"""Passages and citations as a table of pandas, for notebooks and for whoever counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from index.errors import ConfigError
from rag.output.json import jsonable, passage_fields

if TYPE_CHECKING:
    from rag.types import Answer, ScoredPassage

__all__ = ["as_frame"]


def as_frame(found: Answer | Sequence[ScoredPassage]) -> Any:  # noqa: ANN401 - pandas is loaded when it is wanted
    """Return a `pandas.DataFrame`: a row for each citation of an answer, or for each passage.

    Args:
        found: an answer, or what `Assistant.retrieve` gave. Columns are the fields that `--json` prints.

    Raises:
        ConfigError: pandas is missing.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ConfigError("a table needs a package", "pip install pandas") from error
    if not isinstance(found, Sequence):
        columns = ["number", "document_id", "title", "source", "start", "end", "quote", "support"]
        return pd.DataFrame([jsonable(one) for one in found.citations], columns=columns)
    rows = [{name: value for name, value in passage_fields(hit).items() if name != "ranks"} for hit in found]
    return pd.DataFrame(rows, columns=None if rows else ["document_id", "title", "source", "start", "end", "text"])
