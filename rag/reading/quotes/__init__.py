"""Which sentences of the passages are quoted, and how much around them.

In: passages with their readings. Out: quotes, best first, each a whole thought. Imported by `rag.reading.short`,
`rag.answering` and `rag.llms`.
"""
