"""Tables as records: the grid that a file describes, the names of its columns, values as a cell shows them.

In: cells, wherever they come from. Out: a line for each row, every cell with the name of its column.
Imported by the parts of `index.sources` that read files and pages; imports only `index.sources.text`.
"""
