"""The keyword index in files: postings, merged by updates, ranked by BM25.

In: terms of passages. Out: keys and scores. Imported by the rest of the store; `index.stores.postgres` ranks by it too.
"""
