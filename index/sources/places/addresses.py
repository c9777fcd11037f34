"""Which texts name a place, and how a place may be shown and kept: never with a password."""

from __future__ import annotations

import re
from urllib.parse import unquote

from index.errors import SourceError
from index.sources.web.addresses import is_address

__all__ = ["belongs", "check_place", "host_of", "is_place", "is_remote", "scheme_of", "shown_place", "user_of"]

_PLACE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")  # one letter would be a drive of Windows
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NO_PORT = re.compile(r"^[^\[\]:]*:(?!\d*$)")
_NO_LOGIN = frozenset({"github"})  # github://OWNER:REPOSITORY@BRANCH/
_FIX = "give a password by a variable of the environment"
# Other ways to this machine's own files, and addresses that wrap another one.
_HERE = frozenset(
    [
        "arrow_hdfs",
        "async_wrapper",
        "asynclocal",
        "asyncwrapper",
        "blockcache",
        "cached",
        "dask",
        "data",
        "dir",
        "dvc",
        "file",
        "filecache",
        "generic",
        "git",
        "jlab",
        "jupyter",
        "libarchive",
        "local",
        "pyscript",
        "reference",
        "simplecache",
        "tar",
        "zip",
    ]
)


def is_place(text: str) -> bool:
    """Say whether the name of a source is the address of a place, and neither a path nor a web page."""
    return _PLACE.match(text) is not None and not is_address(text)


def is_remote(text: str) -> bool:
    """Say whether the name of a source is an address, of a page or in a place, rather than a path."""
    return is_address(text) or is_place(text)


def scheme_of(place: str) -> str:
    """Return what kind of place an address names, lower case."""
    return place.partition("://")[0].lower()


def shown_place(place: str) -> str:
    """Return an address of a place as it may be shown and kept: on one line, no password, no parameters."""
    scheme, slashes, user, rest = _parted(_UNSHOWN.sub("", place).strip())
    return f"{scheme}{slashes}{user.partition(':')[0]}{'@' if user else ''}{rest.partition('?')[0]}"


def _parted(place: str) -> tuple[str, str, str, str]:
    """Return scheme, `://`, what stands before the host's `@`, and host and path, whatever signs a password holds."""
    scheme, slashes, rest = place.partition("://")
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if "@" not in host and "@" in rest and _NO_PORT.search(host):
        host = rest
    if "@" not in host or scheme.lower() in _NO_LOGIN:
        return scheme, slashes, "", rest
    at = host.rfind("@")
    return scheme, slashes, host[:at], rest[at + 1 :]


def check_place(place: str) -> None:
    """Refuse an address that holds a secret, or names no place elsewhere.

    Raises:
        SourceError: it does.
    """
    shown = shown_place(place)
    if shown != place:
        raise SourceError(shown, "the address of a place has no password, no parameters and no line ends in it", _FIX)
    if "::" in place or scheme_of(place) in _HERE:
        raise SourceError(shown, "no place elsewhere", "name a file or a folder of this machine by its path")


def user_of(place: str) -> str:
    """Return the user that an address names, `""` for none."""
    return unquote(_parted(place)[2])


def host_of(place: str) -> tuple[str, int]:
    """Return host and port of an address; the port is 0 where it names none."""
    host = re.split(r"[/#\\;]", _parted(place)[3], maxsplit=1)[0]
    found = re.fullmatch(r"(?:\[(?P<number>[^\]]*)\]|(?P<name>[^:]*))(?::(?P<port>\d{1,5}))?", host)
    if found is None:
        return host, 0
    return found["number"] or found["name"] or "", int(found["port"] or 0)


def belongs(source: str, place: str) -> bool:
    """Say whether a source lies in a place, or is one."""
    inner = place.rstrip("/")
    return source == place or source.startswith((f"{inner}/", f"{inner};UIDVALIDITY="))
