"""The short answer: the exact words that answer, whether they are of the kind asked for, and how they are shown.

In: quotes with their readings. Out: a short answer or none, what other documents say, where a model differs. Imported
by `rag.overview` and `rag.answering`.
"""
