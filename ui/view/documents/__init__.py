"""Whole texts as HTML: a document in the reader, its overview, a text that was checked.

In: documents with what is to be marked in them. Out: markup. Imported by page and API.
"""
