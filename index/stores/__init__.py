"""Where documents, passages and vectors live; every engine keeps the contract of `index.stores.base`.

In: documents, passages, vectors; questions as vector and words. Out: hits with their scores, the same for every engine.
Imported by building, opening and the read side.
"""

from __future__ import annotations
