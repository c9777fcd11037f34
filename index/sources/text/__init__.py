"""Plain text out of bytes: encodings, hygiene, XML, links, raised type, blocks put together to one text.

In: bytes, blocks of a file. Out: text as its readers see it, with the places of headings and pages.
Imported by every other part of `index.sources`; imports none of them.
"""
