"""Follow-up questions made to stand alone, and what is quoted for them.

In: a question and the conversation before it. Out: a question that stands alone, words that answer it. Imported by the
stages.
"""
