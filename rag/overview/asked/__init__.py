"""Whether a question is about the library or a text as a whole, and which texts it means.

In: a question and the documents' headers. Out: what is asked of which of them, or nothing. Imported by the answers of
`rag.overview` and by `rag.answering`.
"""
