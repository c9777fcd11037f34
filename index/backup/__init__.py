"""An index in one file: written with all that belongs to it, and brought back whole or not at all.

In: an index, or such a file. Out: the other of them. Imported by `index` itself, for `rag backup` and `rag restore`.
"""
