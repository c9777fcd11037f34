"""One file per format. Each module has a `READER`; a new module, here or in a room, is found by itself.

In: a file of one format. Out: its documents, with what they declare about themselves. Found by
`index.sources.registry`, which asks each whether a file is its own. Rooms hold formats that share their means:
`office`, `mail`, `pages`, `markup`, `records`; text without marks, and what can't be read, stand beside them.
"""

from __future__ import annotations
