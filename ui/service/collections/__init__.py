"""Named sets of documents: listed and changed, by each person those that are theirs.

In: what somebody wants to become of a collection. Out: the collections as they are now. Imported by page and command
line.
"""
