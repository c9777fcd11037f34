"""From files to documents: discovery, one reader per format, and a child process that keeps bad files harmless.

In: paths and addresses. Out: documents, or the reason why there are none. Imported by building and opening.

found = discover([Path("articles")])          # index.sources.discovery
for file, result in read_many(found.files):   # index.sources.sandbox.pool
    ...  # a ReadResult, or the SourceError that names the file and the reason
"""
