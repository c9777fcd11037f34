"""Files that last: durable writing, locks, generations, manifest, ledger, verification.

In: bytes and names. Out: whole generations of an index, or an error that names what is broken. Imported by the stores,
by building and opening; knows nothing of documents or models.
"""
