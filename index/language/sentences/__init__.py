"""Where sentences begin and end, in any script, and lists within them.

In: text and its language. Out: spans of its sentences. Everyone may import it.
"""
