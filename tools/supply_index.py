"""What a package index says of the packages that are installed: when they were released, and known vulnerabilities.

Dates are the `upload-time` of the index's JSON pages (PEP 691, PEP 700); vulnerabilities are those of the JSON page of
one release, where the index is PyPI or has the same pages. The index is pip's own (`pip config`, `PIP_INDEX_URL`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

__all__ = ["Release", "advisories", "index_address", "releases"]

_USUAL = "https://pypi.org/simple"
_NOT_FOUND = 404
_PAGE = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class Release:
    """A version of a package and the day of its first file, `""` where the index doesn't tell."""

    version: str
    day: str


def index_address() -> str:
    """Return the index that pip installs from, without a slash at its end."""
    address = os.environ.get("PIP_INDEX_URL", "")
    if not address:
        asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        address = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return address.strip().rstrip("/") or _USUAL


def releases(client: httpx.Client, name: str) -> list[Release]:
    """Return the releases of a package in the order of their numbers, trial versions only where there are no others.

    Raises:
        httpx.HTTPError: the index was not reached or doesn't know the package.
        ValueError: it answers in another form.
    """
    from packaging.version import InvalidVersion, Version

    answer = client.get(f"{index_address()}/{name}/", headers={"Accept": _PAGE}, follow_redirects=True)
    answer.raise_for_status()
    days: dict[Version, str] = {}
    for version, day in _uploads(answer.json()):
        try:
            number = Version(version)
        except InvalidVersion:
            continue
        days[number] = min(day, days.get(number, day))
    final = [number for number in days if not number.is_prerelease] or list(days)
    return [Release(str(number), days[number]) for number in sorted(final)]


def _uploads(page: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the version and the day of each file that was not withdrawn."""
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

    for file in page["files"]:
        name, day = str(file["filename"]), str(file.get("upload-time") or "")[:10]
        if file.get("yanked"):
            continue
        try:
            number = parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
        except (InvalidWheelFilename, InvalidSdistFilename):
            continue  # an egg, an installer: of its version there is a wheel or a source too
        yield str(number), day


def advisories(client: httpx.Client, name: str, version: str) -> list[str] | None:
    """Return the ids of the vulnerabilities that are known of a release, those taken back left out.

    An index may have no page of a release, only the one of a package, which speaks of its newest release.

    Returns:
        `None` where the index doesn't know the package, or has nothing about this release.

    Raises:
        httpx.HTTPError: the index was not reached, or fails.
        ValueError, KeyError: it answers in another form.
    """
    root = index_address().removesuffix("/simple")
    for path in (f"{name}/{version}", name):
        answer = client.get(f"{root}/pypi/{path}/json", follow_redirects=True)
        if answer.status_code == _NOT_FOUND:
            continue
        answer.raise_for_status()
        page = answer.json()
        if page["info"]["version"] == version:
            return [str(one["id"]) for one in page["vulnerabilities"] if not one.get("withdrawn")]
    return None
