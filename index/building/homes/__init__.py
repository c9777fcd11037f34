"""Where a build keeps generations: a folder, or a PostgreSQL database; the build itself knows no difference.

In: documents with the digests of their texts, and kept vectors. Out: the next generation, current in one step.
"""
