"""Vectors in files: exact or by an inverted file, in 8, 12 or 16 bits; of passages and of sentences.

In: unit vectors. Out: keys and scores. Imported by the rest of the store; `index.stores.postgres` quantizes by it too.
"""
