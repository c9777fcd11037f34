"""The tokenizer of the bundled model: its vocabulary as a tree, the places of tokens in a text.

In: texts. Out: tokens with the code points that they stand for. Imported by the rest of this folder and by the reader.
"""
