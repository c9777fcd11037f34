"""What holds pages as they look, not as they were written: PDF and pictures of text.

In: a file of places and pixels. Out: its words in logical order, page by page. Found by `index.sources.registry`.
"""

from __future__ import annotations
