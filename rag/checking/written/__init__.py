"""What a backend wrote, taken apart: what is wrapped around it, its markers, rows of its tables, its claims.

In: the text of an answer as it was written. Out: plain text and claims with their markers. Imported by the rest of
`rag.checking`, by `rag.drafts` and `rag.answering`.
"""
