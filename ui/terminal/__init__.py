"""Writing to a terminal: lines without control characters, colours, the lines of answers and receipts.

In: answers, errors. Out: lines on a terminal or in a pipe. Imported by the command line and by what starts the server.
"""
