"""What texts hold: sentences that cover them, names, topics, questions to go on with.

In: documents of an open index. Out: summaries in the documents' own words. Imported by the rest of `rag.overview`,
`rag.answering`, `rag.assistant` and `ui`.
"""
