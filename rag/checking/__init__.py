"""From what a backend wrote to cited claims: markers, spans, support, citations.

In: a draft and the passages that it was written from. Out: text whose every `[n]` has its citation.
Imported by `rag.answering` and `rag.receipts`.
"""
