"""HTML as a reader sees it, data in XML, and what Markdown files carry besides their text.

In: HTML, XML, front matter, notes of Obsidian. Out: blocks of text, values with names.
Imported by web pages, mail and the formats.
"""
