"""Receipts of answers: written, sealed, and checked again when the documents have changed.

In: an `Answer`. Out: a file that anyone with the index can check. Imported by `ui`.
"""
