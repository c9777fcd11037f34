"""Pages that are pictures, read by Tesseract.

In: pictures. Out: their lines, the language that they are in, and what is missing on this machine to read them.
Imported by the formats of PDF files and of pictures, and by the settings of a build.
"""
