"""What a document and the whole library are about, and questions about the library itself.

In: a question's vector and an open index. Out: what is asked of the library, the sentences that cover a document, and
an `Answer` made of the catalogue and the documents' own words. Imported by `rag.answering.stages`.
"""
