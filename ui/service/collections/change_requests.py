"""What somebody on the page asks to change of a collection, and the collections that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.errors import ConfigError
from index.stores.collections import OWNER, Collection, Collections, checked_name
from ui.http.admission import ApiError

__all__ = ["ChangeRequest", "carried_out", "change_request"]

_MOST_EACH = 200  # collections of one owner
_MOST_HELD = 100_000
_MOST_PLACES, _LONGEST_PLACE = 1_000, 2_000
_NAME = 60  # letters


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What somebody asks to change of a collection.

    Attributes:
        name: of the collection.
        owner: to whom it belongs; `""` is whoever asks.
        documents: ids to add.
        places: sources, or folders above them, to add: what comes there later is in it, too.
        without: ids and places to take out.
        closed: whether its documents are kept from all others; `None` leaves that as it is.
        delete: it is forgotten.
        rename: its new name; `""` leaves it.
        to: to whom it belongs from now on; `""` leaves that.
        fresh: it is a new one: where there is one of that name already, it gets a number.
    """

    name: str
    owner: str = ""
    documents: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    closed: bool | None = None
    delete: bool = False
    rename: str = ""
    to: str = ""
    fresh: bool = False

    @property
    def needs_it(self) -> bool:
        """Tell whether only a collection that is there can be changed so."""
        return bool(self.rename or self.to or self.without)


def change_request(body: Mapping[str, object]) -> ChangeRequest:
    """Return what the page sends as a request, checked.

    Raises:
        ApiError: 422, a field makes no sense.
    """
    closed, rename = body.get("closed"), _text(body, "rename")
    owner, to = (_owner(body, name) for name in ("owner", "to"))
    places = tuple(one.rstrip("/") for one in _texts(body, "places"))
    if len(places) > _MOST_PLACES or not all(0 < len(one) <= _LONGEST_PLACE and "\0" not in one for one in places):
        raise ApiError(422, "collection_full")
    if closed is not None and not isinstance(closed, bool):
        raise ApiError(422, "collection_name")
    return ChangeRequest(
        _name(_text(body, "name")),
        owner,
        tuple(_texts(body, "documents")),
        places,
        frozenset(_texts(body, "without")),
        closed,
        delete=body.get("delete") is True,
        rename=_name(rename) if rename else "",
        to=to,
        fresh=body.get("fresh") is True,
    )


def carried_out(kept: Collections, request: ChangeRequest, owner: str, *, sees_all: bool) -> tuple[Collections, str]:
    """Return the collections with the change made, and by which name the one that was meant is kept.

    Args:
        kept: as they are.
        request: what is to change; of its documents only such as whoever asks may see.
        owner: to whom the collection belongs.
        sees_all: whoever asks sees everything; others change no closed one: they would open or close documents.

    Raises:
        ApiError: 403, it is closed; 404, it is not there any more; 409, there is another of its new name; 422, it
            would hold nothing, or too much.
    """
    name = _free(kept, request.name, owner) if request.fresh else request.name
    before = kept.find(name, owner)
    if before is not None and before.closed and not sees_all:
        raise ApiError(403, "collection_not_yours")
    if request.delete:
        return kept.without(name, owner), name
    if before is None and request.needs_it:
        raise ApiError(404, "collection_gone")
    after = _after(before or Collection(name, owner=owner, closed=False), request)
    if before is None and not (after.documents or after.places):
        raise ApiError(422, "collection_nothing")
    rest = kept.without(name, owner)
    if rest.find(after.name, after.owner) is not None:
        raise ApiError(409, "collection_taken")
    if sum(one.owner == after.owner for one in rest.each) >= _MOST_EACH:
        raise ApiError(422, "collection_full")
    return rest.put(after), after.name


def _after(before: Collection, request: ChangeRequest) -> Collection:
    documents = _held((*before.documents, *request.documents), request.without)
    places = _held((*before.places, *request.places), request.without)
    if len(documents) > _MOST_HELD or len(places) > _MOST_PLACES:
        raise ApiError(422, "collection_full")
    shut = before.closed if request.closed is None else request.closed
    return replace(
        before,
        name=request.rename or before.name,
        owner=request.to or before.owner,
        documents=documents,
        places=places,
        closed=shut,
    )


def _held(names: Sequence[str], out: frozenset[str]) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys(names) if one not in out)


def _free(kept: Collections, name: str, owner: str) -> str:
    """Return a name that no collection of an owner has yet."""
    chosen, number = name, 1
    while kept.find(chosen, owner) is not None:
        number += 1
        chosen = f"{name[: _NAME - len(f' {number}')].rstrip()} {number}"
    return chosen


def _name(text: str) -> str:
    try:
        return checked_name(text)
    except ConfigError:
        raise ApiError(422, "collection_name") from None


def _owner(body: Mapping[str, object], field: str) -> str:
    owner = _text(body, field)
    if owner and not OWNER.fullmatch(owner):
        raise ApiError(422, "collection_owner")
    return owner


def _text(body: Mapping[str, object], field: str) -> str:
    value = body.get(field, "")
    if not isinstance(value, str):
        raise ApiError(422, "collection_name")
    return value


def _texts(body: Mapping[str, object], field: str) -> list[str]:
    value = body.get(field, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ApiError(422, "collection_name")
    return value
