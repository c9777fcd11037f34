"""Workbooks: cells as they are shown, and what is kept beside them.

In: parts of an XLSX file. Out: values as text, comments, links, pictures. Imported by the formats.
"""
