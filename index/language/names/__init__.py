"""Names across scripts: by their sound, and in Latin letters.

In: names as they are written. Out: whether one is heard in another text, and how it reads in Latin letters. Everyone
may import it; `index.language.numbers` does.
"""
