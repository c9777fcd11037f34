"""What a language model is given: templates, messages, and the counting of tokens.

In: a question and passages. Out: messages. Imported by `rag.llms` and `rag.answering`.
"""
