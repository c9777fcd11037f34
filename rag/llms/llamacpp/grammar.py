"""A grammar for local models under which only markers of existing sources can be written.

In the form of llama.cpp: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md.
"""

from __future__ import annotations

__all__ = ["citation_grammar"]

# Every bracket that somebody might read as the beginning or end of a marker; only the grammar writes them.
_BRACKETS = "\\[\\]\u3010\u3011\uff3b\uff3d\u3014\u3015\u27e6\u27e7\u301a\u301b"


def citation_grammar(sources: int) -> str:
    """Return a grammar for text in which `[` is followed by a source's number and `]`, and nothing else.

    Text comes first, then text and markers freely, so that a reply is never a marker alone.

    Args:
        sources: number of passages; with 0 no bracket can be written at all.
    """
    if sources < 1:
        return f"root ::= [^{_BRACKETS}]+"
    numbers = " | ".join(f'"{number}"' for number in range(1, sources + 1))
    return f'root ::= letter (letter | marker)*\nletter ::= [^{_BRACKETS}]\nmarker ::= "[" ({numbers}) "]"'
