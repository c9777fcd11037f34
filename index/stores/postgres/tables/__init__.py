"""The tables: what they are called, which of them are current, how rows go in, the index over the vectors.

In: an open connection. Out: statements and rows. Imported by everything in this folder that reads or writes.
"""
