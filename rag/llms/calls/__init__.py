"""One call of a model: its limits, who waits for it, and for servers the connection, their replies and their errors.

In: what a backend asks. Out: pieces of text within the limits, or an `LLMError`. Imported by the backends of
`rag.llms`, and by `rag.answering` where it sets limits or looks whether anybody still waits.
"""
