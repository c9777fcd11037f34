"""Parametrised tests of which the default suite runs some cases, and `make test-slow` the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

__all__ = ["partly_slow"]


def partly_slow(values: Iterable[Any], now: int = 1) -> list[Any]:
    """Return the cases of a parametrised test, all but the first few of them marked as slow.

    Args:
        values: the cases; several arguments of one are a tuple.
        now: how many belong to the default suite: one of each kind comes first.
    """
    return [case if place < now else _slow(case) for place, case in enumerate(values)]


def _slow(case: Any) -> Any:
    if hasattr(case, "marks"):  # it is a `pytest.param` already
        return case._replace(marks=(*case.marks, pytest.mark.slow))
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
