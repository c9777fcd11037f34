"""Opens an index for reading: verified, live while it is rebuilt, listed, and described.

In: the folder of an index. Out: `OpenIndex`, listings, a report on its health. Imported by the top of `index`.
"""
