"""What a single line is: a field of a form, an entry of a table of contents, code, a note, a row with leading dots.

In: a line, or the lines of a block. Out: what they are, and the same lines as rows or apart. Imported by the readers
and by the builder of texts.
"""
