"""Tables of a laid-out page: ruled ones, and those whose columns only stand in line.

In: words and rules with their places. Out: rows of cells. Imported by what reads PDF, mail and plain text; imports
the grid and the records beside it.
"""
