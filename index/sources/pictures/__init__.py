"""Pictures as files hold them.

In: the bytes of a picture. Out: an upright picture that Tesseract can read, or the words that stand in it. Imported by
the formats of images and of files that hold some.
"""
