"""Reads question and passage together: does it answer, in which sentence, in which words.

In: a question that stands alone, and the passages that retrieval found. Out: one `Reading` for each. A reader
that is a `ClaimReader` too says what a passage makes of a claim. `rag` and `ui` may import it; it imports `index`,
`rag.types` and what lies below. Everything works without a reader, less well.
"""

from __future__ import annotations

from rag.reading.loading import check_reader_spec, load_claim_reader, load_reader
from rag.reading.types import ClaimReader, Reader, Reading, Verdict

__all__ = ["ClaimReader", "Reader", "Reading", "Verdict", "check_reader_spec", "load_claim_reader", "load_reader"]
