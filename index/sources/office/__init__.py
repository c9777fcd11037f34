"""What the formats of office programs share: zip archives, parts and relations, tables, numbers before lines.

In: archives that may be hostile. Out: parts, cells as they are shown, text that a program shows and no file holds.
Imported by the formats.
"""
