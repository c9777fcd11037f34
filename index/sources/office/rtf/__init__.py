"""RTF files: which groups are text, which paragraphs are code, where pictures stand.

In: the file's groups. Out: text, code and pictures with their places. Imported by the formats.
"""
