"""Characters of a page put together to words, lines and tables, in the order in which they are read.

In: characters and drawn lines with their places. Out: words, rows and cells. Imported by the rest of this folder.
"""
