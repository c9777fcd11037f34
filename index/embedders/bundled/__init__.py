"""The embedder that the project brings: its weights, its tokenizer and its layers, for one text and for many.

In: the packed model file, texts. Out: unit vectors. `index.embedders` names it; the reader (`rag.reading.model`)
imports its layers and its tokenizer.
"""
