"""Which row and column of a table, or field of a form, a question asks for, and whether anything stands there.

In: a question, passages that are rows, and what reads them again. Out: the rows that are meant, the words of the cell,
or what isn't given. Imported by `rag.reading` and `rag.answering`.
"""
