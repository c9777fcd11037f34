"""One file per format. Each module has a `READER`; a new module is found by itself.

In: a file of one format. Out: its documents, with what they declare about themselves. Found by
`index.sources.registry`, which asks each whether a file is its own.
"""

from __future__ import annotations
