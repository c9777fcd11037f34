"""Answers outside the page: for terminals, logs and notebooks, as JSON, in ten languages.

In: an `Answer`. Out: text and JSON objects. `rag.types` prints answers with it; it only names their types.
"""
