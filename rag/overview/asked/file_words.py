"""Words by which it is known that a question asks what files and mails tell about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from index.language.fields import ListField
from index.language.lexicon import spaced_words, unspaced_words

__all__ = ["concepts_of", "unspaced_concepts"]

_FIELDS: Mapping[str, ListField] = MappingProxyType(
    {
        "wrote": "writing",
        "sent": "sending",
        "received": "receiving",
        "mail": "messages",
        "when": "asking_when",
        "whom": "asking_whom",
        "who": "asking_who",
    }
)


def concepts_of(form: str) -> frozenset[str]:
    """Return what a folded word says: `wrote`, `sent`, `received`, `mail`, `when`, `who`, `whom`; nothing for most."""
    return frozenset(concept for concept, field in _FIELDS.items() if form in spaced_words(field))


@lru_cache(maxsize=1)
def unspaced_concepts() -> tuple[tuple[str, frozenset[str]], ...]:
    """Return such words of scripts without spaces, the longest first, with what each says, which may be nothing."""
    found: dict[str, set[str]] = {word: set() for word in unspaced_words("about_files")}
    for concept, field in _FIELDS.items():
        for word in unspaced_words(field):
            found.setdefault(word, set()).add(concept)
    return tuple((word, frozenset(found[word])) for word in sorted(found, key=len, reverse=True))
