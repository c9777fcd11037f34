"""Builds an index: what changed, passages, vectors, alignment, manifest, and the switch to the new generation.

In: paths and addresses of sources, settings. Out: one generation on disk and a `BuildReport`. Imported by the top of
`index` and, for the rules of its making, by `index.opening`; nothing below imports it.
"""
