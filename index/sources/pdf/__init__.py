"""Pages of PDF files: characters with their places, lines and paragraphs in reading order, forms and notes.

In: a page of pypdfium2. Out: lines and tables in logical order. Imported by the formats of PDF files and of pictures.
"""
