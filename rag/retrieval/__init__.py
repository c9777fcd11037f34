"""From a question to scored passages: search, fusion, order, evidence and confidence.

In: a question and an open index. Out: `ScoredPassage` objects, best first, and how likely they answer.
Imported by reading, answering and evaluation.
"""
