"""What kind of answer a question asks for: a number, a date, a name, or something about the library itself.

In: a question, and its vector. Out: probabilities of kinds, and whether words can be an answer of a kind. Imported by
`rag.question.rows.named_rows`, `rag.retrieval` and the steps behind it.
"""
