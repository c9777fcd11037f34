"""The store that needs no server: SQLite for documents and passages, FAISS for vectors, arrays for keywords.

In: documents, passages, vectors. Out: the store of one generation, by the contract of `index.stores.base`.
"""
