"""Running text with marks in it: Markdown, web pages, books, notebooks.

In: a marked text. Out: its words with headings, tables, code and links. Found by `index.sources.registry`; records
that hold web pages are read by the same functions.
"""

from __future__ import annotations
