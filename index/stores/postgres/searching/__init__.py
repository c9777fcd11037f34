"""Reads one generation: one snapshot, in which searches by vectors and by keywords agree.

In: questions' vectors and words, filters. Out: keys and scores that rank like those of the embedded store. Imported by
`writing`, `shards`, `index.opening` and `index.building.homes`.
"""
