"""One file per format. Each module has a `READER`; a new module is found by itself."""

from __future__ import annotations
