"""One index in several databases, which switch together and answer side by side.

In: the stores and the builds of single databases. Out: a store that ranks as one, a switch of all or of none, kept
vectors spread over them. Imported by `index.opening` and `index.building.homes`.
"""
