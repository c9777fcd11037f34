"""Backends that write the answer, each one method: messages in, pieces of text out.

In: the messages of `rag.prompts`. Out: text as it comes, or an `LLMError`. Imported by answering and by what lists
backends; a backend knows nothing of the checks that follow.
"""

from __future__ import annotations
