"""The layers as OpenVINO graphs, built from the packed weights and kept on disk compiled.

In: weights by name. Out: a compiled graph. Imported by the embedder above it and by the reader (`rag.reading.model`).
"""
