"""The supply chain of an installation: `python tools/supply.py sbom | licences | audit | dates`.

`sbom` prints a bill of materials (CycloneDX 1.6, JSON) of what is installed here, `licences` the texts of all licences,
`audit` asks the OSV database for known vulnerabilities of exactly these versions, and pip's index where that can't be
reached; where neither can it says so and that nothing was checked (exit code 3), never that all is well. `dates` prints
when the installed and the newest releases of packages came out, as the index says it. Names of packages behind
`audit` and `dates` leave out all others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from tools.supply_index import advisories, releases

DATABASE = "https://api.osv.dev/v1/querybatch"
FOUND, UNREACHED = 1, 3
OURS = frozenset({"babelquote", "babelquote-model"})
_LICENCE = re.compile(r"(^|/)(licen[cs]es?|copying|notice|authors?)([-._/][^/]*)?$", re.IGNORECASE)
_LONGEST_NAME = 60  # longer, the field holds the licence itself


def installed() -> list[Distribution]:
    """Return what is installed, by name, each once."""
    found = {name_of(each): each for each in distributions() if each.metadata["Name"]}
    return [found[name] for name in sorted(found)]


def name_of(each: Distribution) -> str:
    """Return a package's name in its usual form."""
    return re.sub(r"[-_.]+", "-", str(each.metadata["Name"])).lower()


def licence_of(each: Distribution) -> str:
    """Return the name of a package's licence as it tells it, `"unknown"` when it doesn't."""
    fields = each.metadata.json
    lines = [line for line in fields.get("classifier", ()) if "License ::" in line]
    classes = [line.rpartition(" :: ")[2] for line in lines]
    short = " ".join(str(fields.get("license_expression") or fields.get("license") or "").split())
    return short if 0 < len(short) <= _LONGEST_NAME else ", ".join(classes) or "unknown"


def sbom(packages: Iterable[Distribution]) -> dict[str, Any]:
    """Return the bill of materials."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [
            {
                "type": "library",
                "name": name_of(each),
                "version": each.version,
                "purl": f"pkg:pypi/{name_of(each)}@{each.version}",
                "licenses": [{"license": {"name": licence_of(each)}}],
            }
            for each in packages
        ],
    }


def licences(packages: Iterable[Distribution]) -> str:
    """Return the licence texts that the packages bring, each under the package's name."""
    parts = []
    for each in packages:
        texts = [path.read_text("utf-8", "replace").strip() for path in _licence_files(each)]
        head = f"{name_of(each)} {each.version}: {licence_of(each)}"
        parts.append("\n\n".join([head, "=" * len(head), *(texts or ["(brings no text of its licence)"])]))
    return "\n\n\n".join(parts) + "\n"


def _licence_files(each: Distribution) -> list[Path]:
    names = [path for path in each.files or () if ".dist-info" in path.as_posix() and _LICENCE.search(path.as_posix())]
    found = [Path(str(each.locate_file(path))) for path in names]
    return [path for path in found if path.is_file()]


def audit(packages: Iterable[Distribution], database: str = DATABASE) -> tuple[int, str]:
    """Return an exit code and what to say: nothing known (0), vulnerabilities (1), or no database reached (3)."""
    import httpx

    asked = list(packages)
    try:
        found, source = _asked_osv(asked, database), "OSV"
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        try:
            found, source = _asked_index(asked), "the package index"
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return UNREACHED, f"no advisory database can be asked ({type(error).__name__}): NOTHING WAS CHECKED"
    pairs = list(zip(asked, found, strict=True))
    lines = [f"{name_of(one)} {one.version}: {', '.join(ids)}" for one, ids in pairs if ids]
    unknown = [name_of(one) for one, ids in pairs if ids is None and name_of(one) not in OURS]
    lines += [f"NOT CHECKED, unknown there: {', '.join(unknown)}"] if unknown else []
    report = (
        [*lines, f"({len(asked)} packages, by {source})"]
        if lines
        else [f"no known vulnerability in {len(asked)} packages (by {source})"]
    )
    return FOUND if any(found) else UNREACHED if unknown else 0, "\n".join(report)


def _asked_osv(asked: Sequence[Distribution], database: str) -> list[list[str] | None]:
    import httpx

    queries = [{"package": {"ecosystem": "PyPI", "name": name_of(one)}, "version": _public(one)} for one in asked]
    answer = httpx.post(database, json={"queries": queries}, timeout=30)
    answer.raise_for_status()
    results: list[Mapping[str, Any]] = answer.json()["results"]
    if len(results) != len(asked):
        raise ValueError("an answer for each package was expected")
    return [[str(one["id"]) for one in result.get("vulns", ())] for result in results]


def _asked_index(asked: Sequence[Distribution]) -> list[list[str] | None]:
    """Ask for one package after the other; `None` stands for one that the index doesn't know."""
    import httpx

    with httpx.Client(timeout=30) as client:
        return [advisories(client, name_of(one), _public(one)) for one in asked]


def _public(one: Distribution) -> str:
    """Return a version without what a build adds to it ("+cpu")."""
    return one.version.partition("+")[0]


def dates(packages: Iterable[Distribution]) -> list[str]:
    """Return a line for each package: the release that is installed and the newest one, each with its day."""
    import httpx

    lines = []
    with httpx.Client(timeout=30) as client:
        for one in packages:
            try:
                known = releases(client, name_of(one))
            except (httpx.HTTPError, ValueError, KeyError) as error:
                lines.append(f"{name_of(one)} {one.version}: the index says nothing ({type(error).__name__})")
                continue
            own = next((each.day for each in known if each.version == _public(one)), "")
            newest = known[-1] if known else None
            later = f"; newest {newest.version} {newest.day}" if newest and newest.version != _public(one) else ""
            lines.append(f"{name_of(one)} {one.version} {own or 'day unknown'}{later}")
    return lines


def _chosen(names: Sequence[str]) -> list[Distribution]:
    """Return what is installed, or of it what is named; a name that isn't installed is an error of one line."""
    found = {name_of(one): one for one in installed()}
    wanted = [re.sub(r"[-_.]+", "-", name).lower() for name in names]
    if missing := [name for name in wanted if name not in found]:
        sys.exit(f"not installed here: {', '.join(missing)}")
    return [found[name] for name in wanted] if wanted else list(found.values())


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["sbom", "licences", "audit", "dates"])
    parser.add_argument("names", nargs="*", help="packages, all that are installed when none is named")
    options = parser.parse_args()
    what, packages = options.what, _chosen(options.names)
    if what == "sbom":
        print(json.dumps(sbom(packages), indent=1))
    elif what == "licences":
        print(licences(packages), end="")
    elif what == "dates":
        print("\n".join(dates(packages)))
    else:
        code, report = audit(packages)
        print(report)
        sys.exit(code)


if __name__ == "__main__":
    main()
