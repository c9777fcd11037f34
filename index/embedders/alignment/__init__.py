"""Languages taken out of vectors: the table that comes with the package, and what a corpus adds to it.

In: vectors with their languages. Out: vectors that are as near across languages as within one. Imported by
`index.building` and `index.opening`.
"""
