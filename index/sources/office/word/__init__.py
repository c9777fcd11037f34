"""What Word's files hold beside runs of text: fields, numbers before paragraphs, tables, signs of fonts.

In: parts of a DOCX file. Out: the text that Word shows. Imported by the formats.
"""
