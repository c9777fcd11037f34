"""What is made of fields and not of sentences: tables, JSON, XML, calendars and contacts.

In: a file of records. Out: each record as lines that name its fields. Found by `index.sources.registry`.
"""

from __future__ import annotations
