"""Places elsewhere as sources: buckets, shares, repositories and mailboxes, named by an address.

In: addresses of places. Out: what lies there, with a version of each thing, and copies of it on this machine, which are
then read like any other file. Imported by `index.building`.
"""
