"""Reads files in child processes that the system confines; a bad file costs only itself.

In: paths of files. Out: documents or the reason why there are none. Imported by `index.sources`.
"""
