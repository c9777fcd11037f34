"""One question's way to its answer: understood, retrieved, read, written, checked.

In: a request and an open index. Out: `StreamEvent`s, the `Answer` last. Imported by `rag.assistant`.
"""
