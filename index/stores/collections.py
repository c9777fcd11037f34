"""Collections: named sets of documents, to whom each belongs, and what a person may see because of that.

A collection belongs to everyone, to a group or to a person; nobody else learns that it exists. A *closed* one keeps its
documents from everyone else, too. A document that lies in no closed collection is everyone's, unless the others were
closed as well; one that lies in several is seen by all to whom one of these belongs.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from index.errors import ConfigError
from index.stores.sets import DocumentSet

__all__ = ["EVERYONE", "OWNER", "SEES_ALL", "Collection", "Collections", "Viewer", "checked_name"]

EVERYONE = "everyone"
_FORMAT = 1
_NAME = re.compile(r"[^\s@/,][^\x00-\x1f\x7f@/,]{0,59}")
OWNER = re.compile(r"everyone|(group|user):[^\x00-\x1f\x7f:]{1,100}")
"""To whom a collection can belong: `everyone`, `group:NAME` or `user:NAME`."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at an index.

    Attributes:
        name: as they signed in; `""` for somebody who did not.
        groups: that they are in.
        all: they see everything: the account that the index belongs to, and whoever may read its files anyway.
    """

    name: str = ""
    groups: frozenset[str] = frozenset()
    all: bool = False

    def owns(self, owner: str) -> bool:
        """Tell whether what belongs to somebody belongs to this one, too."""
        kind, _, name = owner.partition(":")
        if owner == EVERYONE or self.all:
            return True
        return name in self.groups if kind == "group" else kind == "user" and name != "" and name == self.name


SEES_ALL = Viewer(all=True)
"""Whoever the files of the index belong to."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents.

    Attributes:
        name: as people call it.
        documents: ids of documents.
        places: sources, or folders above them.
        owner: `everyone`, `group:NAME` or `user:NAME`.
        closed: its documents are shown to nobody else.
    """

    name: str
    documents: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    owner: str = EVERYONE
    closed: bool = False

    @property
    def held(self) -> DocumentSet:
        """What it holds."""
        return DocumentSet(frozenset(self.documents), frozenset(self.places))

    def named(self, name: str) -> bool:
        """Tell whether people mean it by a name; small and capital letters count alike."""
        return _folded(self.name) == _folded(name)


@dataclass(frozen=True, slots=True)
class Collections:
    """All collections of an index.

    Attributes:
        each: the collections; of one owner none has the name of another.
        others_closed: documents that are in no collection are shown to nobody.
    """

    each: tuple[Collection, ...] = ()
    others_closed: bool = False

    def of(self, viewer: Viewer) -> tuple[Collection, ...]:
        """Return the collections that a person knows of."""
        return tuple(one for one in self.each if viewer.owns(one.owner))

    def seen(self, viewer: Viewer) -> DocumentSet | None:
        """Return the documents that a person may see, `None` for all of them."""
        foreign = [one.held for one in self.each if one.closed and not viewer.owns(one.owner)]
        if viewer.all or not (foreign or self.others_closed):
            return None
        own = [one for one in self.each if viewer.owns(one.owner) and (one.closed or one.owner == EVERYONE)]
        if self.others_closed:
            return DocumentSet.union(one.held for one in own)
        shown = DocumentSet.union(one.held for one in own if one.closed)
        return replace(shown, outside=DocumentSet.union(foreign))

    def named(self, names: Iterable[str], viewer: Viewer) -> DocumentSet:
        """Return what some collections hold together.

        Raises:
            ConfigError: the person knows of none of that name.
        """
        known, found = self.of(viewer), list[DocumentSet]()
        for name in names:
            meant = [one.held for one in known if one.named(name)]
            if not meant:
                listed = ", ".join(sorted({one.name for one in known}))
                raise ConfigError(f"collection {name}: there is none of that name", f"there is {listed or 'none yet'}")
            found += meant
        return DocumentSet.union(found)

    def put(self, collection: Collection) -> Collections:
        """Return these with a collection in place of the one of that name and owner."""
        kept = self.without(collection.name, collection.owner)
        return replace(kept, each=tuple(sorted((*kept.each, collection), key=lambda one: (one.name, one.owner))))

    def without(self, name: str, owner: str) -> Collections:
        """Return these without one; none of that name and owner is no error."""
        return replace(self, each=tuple(one for one in self.each if not (one.named(name) and one.owner == owner)))

    def find(self, name: str, owner: str) -> Collection | None:
        """Return one by its name and owner."""
        return next((one for one in self.each if one.named(name) and one.owner == owner), None)

    def to_json(self) -> bytes:
        """Return them as they are kept."""
        fields = [{name: getattr(one, name) for name in Collection.__slots__} for one in self.each]
        content = {"format": _FORMAT, "others_closed": self.others_closed, "collections": fields}
        return (json.dumps(content, ensure_ascii=True, indent=1) + "\n").encode("ascii")

    @classmethod
    def from_json(cls, content: bytes) -> Collections:
        """Read what was kept; nothing in it is passed over, for it may be what keeps a document from somebody.

        Raises:
            ValueError: it is not what `to_json` writes.
        """
        parsed = json.loads(content)
        if not isinstance(parsed, dict) or parsed.keys() != {"format", "others_closed", "collections"}:
            raise ValueError("it is no list of collections")
        if parsed["format"] != _FORMAT:
            raise ValueError(f"it has format {parsed['format']}, this program reads {_FORMAT}")
        sound = isinstance(parsed["others_closed"], bool) and isinstance(parsed["collections"], list)
        if not sound:
            raise ValueError("a field is not what it must be")
        return cls(tuple(map(_collection, parsed["collections"])), parsed["others_closed"])


def _collection(fields: Mapping[str, Any]) -> Collection:
    if not isinstance(fields, dict) or fields.keys() != set(Collection.__slots__):
        raise ValueError("a collection lacks a field, or has one too many")
    texts = (fields["name"], fields["owner"], *fields["documents"], *fields["places"])
    sound = all(isinstance(text, str) for text in texts) and isinstance(fields["closed"], bool)
    if not sound or not OWNER.fullmatch(fields["owner"]):
        raise ValueError("a collection belongs to nobody")
    lists = tuple(fields["documents"]), tuple(fields["places"])
    return Collection(fields["name"], *lists, fields["owner"], fields["closed"])


def checked_name(given: str) -> str:
    """Return a name for a collection as it is kept.

    Raises:
        ConfigError: it can't be one.
    """
    name = " ".join(unicodedata.normalize("NFC", given).split())
    # Marks that turn the direction of writing would show another name than the one that is kept.
    unseen = any(unicodedata.category(letter) in ("Cc", "Cs", "Cf", "Co", "Cn") and letter not in "‌‍" for letter in name)
    if not _NAME.fullmatch(name) or unseen:
        raise ConfigError(f"{given!r} can't be the name of a collection", "take up to 60 letters, without @ / and ,")
    return name


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
