"""The web server put together, started and ended.

In: an index, backends, addresses. Out: a server that answers until it is told to end. Imported by the command line.
"""
