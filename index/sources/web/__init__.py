"""Web pages as sources: which addresses may be fetched, fetching, caching, and cleaning saved pages.

In: addresses. Out: files and what they declare about themselves. Imported by `index.sources` and `index.building`.
"""
