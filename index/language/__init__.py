"""What is known of languages: scripts, identification, codes, sentences, words, numbers, names, lists of words.

In: text. Out: its language, its parts, what its words and numbers stand for. Everyone may import it; of the project it
imports only what lies below it: `index.types`, `index.errors`, `index.config`, `index.caching`.
"""
