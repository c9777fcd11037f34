"""Where documents, passages and vectors live; every engine keeps the contract of `index.stores.base`."""

from __future__ import annotations
