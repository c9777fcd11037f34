"""What is asked: cleaning, small talk, follow-ups, the kind of answer that is wanted.

In: what a person typed, and the turns before. Out: a question that stands alone, and what it asks for.
Imports `rag.types`, `rag.output` and `index`.
"""
