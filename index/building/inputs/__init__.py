"""What there is to index: files, pages and things elsewhere, and what has changed in them.

In: paths, addresses and the record of the last build. Out: what each source needs: nothing, reading, or removal.
Imported by the steps of a build and by `ui.service`.
"""
