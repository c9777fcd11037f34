"""From a document to its passages and sentences, with what its file says of itself.

In: documents as the readers give them. Out: passages, sentences and the texts to embed. Imported by the other steps of
a build; `ui.view` asks it for headings.
"""
