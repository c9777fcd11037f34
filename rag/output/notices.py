"""Who made an answer, for programs: that a program did, which one, and whether it wrote or quoted.

The AI Act of the European Union (Regulation 2024/1689, Article 50) wants that shown to people, and marked in a form
that machines read. For texts that a language model wrote the mark is the IPTC's digital source type
(https://cv.iptc.org/newscodes/digitalsourcetype/); words that were only quoted are their authors' and get none.
"""

from __future__ import annotations

from functools import cache

__all__ = ["GENERATED", "PROGRAM", "QUOTING", "made_by", "program_version"]

PROGRAM = "Babelquote"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
QUOTING = "extractive"
"""The backend that quotes and writes nothing."""


def made_by(llm: str) -> dict[str, str | None]:
    """Return who made an answer, in JSON's own types.

    Args:
        llm: spec of the backend that spoke; `"extractive"` quotes.
    """
    quoted = llm == QUOTING
    return {
        "program": PROGRAM,
        "version": program_version(),
        "llm": llm,
        "kind": "quotes" if quoted else "generated",
        "digital_source_type": None if quoted else GENERATED,
    }


@cache
def program_version() -> str:
    """Return the version of this program, `""` where it runs without having been installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PROGRAM.lower())
    except PackageNotFoundError:
        return ""
