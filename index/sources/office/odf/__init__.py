"""OpenDocument files: numbers before list items and headings, tables and sheets.

In: the file's XML. Out: lines as the programs show them. Imported by the formats.
"""
