"""A text that somebody brings, checked against the index: its quotations word by word, its claims by evidence.

In: a text, an open index. Out: `rag.drafts.types.CheckedDraft`. Only `rag.assistant` imports it.
"""
