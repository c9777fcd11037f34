"""Files that people uploaded: each lies in a folder with a random name, and is called by the name it came with.

uploads' parent/             beside the index, `…-files`
    uploads/<16 hex>/FILE    the file, under a name that is safe on every disk
    names/<16 hex>           the name that its owner knows it by
"""

from __future__ import annotations

import re
from pathlib import Path

from index.language.hygiene import printable

__all__ = ["NAMES", "PLACE", "UPLOADS", "own_name"]

UPLOADS = "uploads"
NAMES = "names"
PLACE = re.compile(r"[0-9a-f]{16}")
_MOST_BYTES = 2_000


def own_name(path: Path) -> str | None:
    """Return the name that an uploaded file came with, or `None` for a file that is none.

    A file whose name was not kept, as earlier versions did, is called as it is called on the disk.
    """
    place, uploads = path.parent, path.parent.parent
    if uploads.name != UPLOADS or not PLACE.fullmatch(place.name) or not uploads.parent.name.endswith("-files"):
        return None
    try:
        with (uploads.parent / NAMES / place.name).open("rb") as file:
            name = file.read(_MOST_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return path.name
    sound = name and "/" not in name and printable(name) == name
    return name if sound else path.name
