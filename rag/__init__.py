"""Questions to cited answers: retrieval, prompting, language models, citations. Imports nothing from `ui`."""

from __future__ import annotations
