"""Numbers and dates of any language: how they are written, what they amount to, what a sentence states by them.

In: text. Out: numbers, amounts and dates that can be compared across languages and calendars. Everyone may import it.
"""
