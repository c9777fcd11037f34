"""The store for libraries that outgrow one machine: PostgreSQL with pgvector, named by one URL.

In: documents with ready vectors. Out: a `PassageStore` that ranks like the embedded one.
Generations are PostgreSQL's own snapshots: a build writes in one transaction, a question reads in one snapshot.
"""
