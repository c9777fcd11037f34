"""Writes a generation: one transaction, the lock of the one build, and the switch at its end.

In: documents with ready vectors. Out: rows that nobody else sees before they are committed. Imported by
`index.building.homes`; it imports `searching` for what both sides know of rows, filters and terms.
"""
