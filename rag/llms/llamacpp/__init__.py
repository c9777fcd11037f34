"""What llama.cpp reads besides messages: the head of a model's file, and grammars that hold its reply to markers.

In: a path, or how many sources there are. Out: what the file says of itself, a grammar as text. Imported by the
backends of `rag.llms` and by what looks at their health.
"""
