"""Mail as programs keep it: single messages, mailboxes, Outlook's files.

In: a file of messages. Out: each message and its attachments as documents. Found by `index.sources.registry`.
"""

from __future__ import annotations
