"""The reader that the project brings: its weights, its layers, and readings made of what they give.

In: questions and passages. Out: a `Reading` for each passage, a `Verdict` for each claim. `rag.reading.loading` names
it; tools that train and pack weights import it too.
"""
