"""HTML as a reader sees it, and what Markdown files carry besides their text.

In: HTML, front matter, notes of Obsidian. Out: blocks of text. Imported by web pages, mail and the formats.
"""
