"""Tests that are skipped where an optional package is not installed, without importing it to know."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

__all__ = ["needs"]


def needs(*packages: str) -> Any:
    """Return the mark of a module whose tests need packages: each process that collects tests would load them."""
    missing = [one for one in packages if find_spec(one) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")
