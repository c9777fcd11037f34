"""Seals of receipts: a digest over everything that a receipt says, signed with a key that only the index has.

The digest reveals a receipt that was changed by hand or by accident. Whoever changes one on purpose can make a new
digest, but no signature (HMAC, RFC 2104): it says which receipts were written beside this index.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeAlias

__all__ = ["KEY_FILE", "Origin", "is_whole", "origin_of", "plain_data", "receipt_key", "sealed"]

KEY_FILE = "receipts.key"
"""Name of the key's file in the folder of an index."""

Origin: TypeAlias = Literal["signed here", "signed elsewhere", "not signed", "changed"]

_BYTES = 32
_NUMBER = "number"
_EXACT = 1 << 53
"""From here on programs read whole numbers differently."""
_SEALS = frozenset({"digest", "signature"})
_SIGNED = frozenset({"key", "hmac"})


def receipt_key(folder: Path) -> bytes | None:
    """Return the key that is kept in a folder of an index, made when there is none; `None` where none can be kept."""
    path = folder / KEY_FILE
    for _ in range(2):
        with suppress(OSError):
            key = path.read_bytes()
            return key if len(key) == _BYTES else None
        _make(path)
    return None


def _make(path: Path) -> None:
    """Put a new key there in one step, readable by its owner only; one that is there already stays."""
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{KEY_FILE}-")  # made with 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(_BYTES))
                file.flush()
                os.fsync(file.fileno())
            os.link(name, path)
        finally:
            Path(name).unlink()


def sealed(receipt: Mapping[str, Any], key: bytes | None) -> dict[str, Any]:
    """Return a receipt with its digest, and with a signature where there is a key; seals that it has are replaced."""
    plain = {name: value for name, value in receipt.items() if name not in _SEALS}
    digest = _digest(plain)
    signature = None if key is None else {"key": _name(key), "hmac": _sign(key, digest)}
    return {**plain, "digest": digest, "signature": signature}


def is_whole(receipt: Mapping[str, Any]) -> bool:
    """Tell whether a receipt says what it said when its digest was made."""
    plain = {name: value for name, value in receipt.items() if name not in _SEALS}
    digest = receipt.get("digest")
    return isinstance(digest, str) and hmac.compare_digest(_digest(plain).encode(), digest.encode("utf-8", "replace"))


def origin_of(receipt: Mapping[str, Any], key: bytes | None) -> Origin:
    """Return whose a whole receipt is; one whose signature names this key and is not of it was changed."""
    signature = receipt.get("signature")
    if not isinstance(signature, dict):
        return "not signed"
    if signature.keys() != _SIGNED:
        return "changed"  # what stands beside a signature is signed by nobody
    if key is None or signature.get("key") != _name(key):
        return "signed elsewhere"
    signed = str(signature.get("hmac")).encode("utf-8", "replace")
    return "signed here" if hmac.compare_digest(_sign(key, str(receipt.get("digest"))).encode(), signed) else "changed"


def plain_data(data: bytes) -> object:
    """Read JSON that every program reads alike, so that nobody sees another answer than the one that was sealed.

    Raises:
        ValueError: a name stands twice in an object (some programs take the first value, others the last), a number is
            none or too large, or an object looks like a number of a digest.
        RecursionError: it is nested too deeply.
    """
    return json.loads(data, object_pairs_hook=_object, parse_int=_whole_number, parse_constant=_no_number)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs) or list(found) == [_NUMBER]:
        raise ValueError("an object that can be read in two ways")
    return found


def _whole_number(digits: str) -> int:
    if abs(number := int(digits)) >= _EXACT:
        raise ValueError("a number that is too large")
    return number


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _sign(key: bytes, digest: str) -> str:
    return hmac.digest(key, digest.encode("utf-8", "replace"), "sha256").hex()


def _name(key: bytes) -> str:
    return hashlib.sha256(b"name of the key" + key).hexdigest()[:16]


def _digest(plain: Mapping[str, Any]) -> str:
    written = json.dumps(_canonical(plain), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("ascii")).hexdigest()


def _canonical(value: object) -> object:
    """Return data that is written alike by every program: browsers write 1.0 as 1 and 1e-07 as 1e-7."""
    if isinstance(value, Mapping):
        return {str(name): _canonical(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {_NUMBER: repr(float(value) + 0.0)}
    return value
