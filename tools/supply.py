"""The supply chain of an installation: `python tools/supply.py sbom | licences | audit`.

`sbom` prints a bill of materials (CycloneDX 1.6, JSON) of what is installed here, `licences` the texts of all licences,
`audit` asks the OSV database for known vulnerabilities of exactly these versions; where it can't be reached it says so
and that nothing was checked (exit code 3), never that all is well.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

DATABASE = "https://api.osv.dev/v1/querybatch"
FOUND, UNREACHED = 1, 3
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
    told = each.metadata.json
    lines = [line for line in told.get("classifier", ()) if "License ::" in line]
    classes = [line.rpartition(" :: ")[2] for line in lines]
    short = " ".join(str(told.get("license_expression") or told.get("license") or "").split())
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
    """Return an exit code and what to say: nothing known (0), vulnerabilities (1), or the database not reached (3)."""
    import httpx

    asked = list(packages)
    queries = [
        {"package": {"ecosystem": "PyPI", "name": name_of(each)}, "version": each.version.partition("+")[0]}
        for each in asked
    ]
    try:
        answer = httpx.post(database, json={"queries": queries}, timeout=30)
        answer.raise_for_status()
        results: list[Mapping[str, Any]] = answer.json()["results"]
        if len(results) != len(asked):
            raise ValueError("an answer for each package was expected")
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return UNREACHED, f"the advisory database can't be asked ({type(error).__name__}): NOTHING WAS CHECKED"
    lines = [
        f"{name_of(each)} {each.version}: {', '.join(one['id'] for one in result.get('vulns', ()))}"
        for each, result in zip(asked, results, strict=True)
        if result.get("vulns")
    ]
    return (FOUND, "\n".join(lines)) if lines else (0, f"no known vulnerability in {len(asked)} packages")


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["sbom", "licences", "audit"])
    what, packages = parser.parse_args().what, installed()
    if what == "sbom":
        print(json.dumps(sbom(packages), indent=1))
    elif what == "licences":
        print(licences(packages), end="")
    else:
        code, told = audit(packages)
        print(told)
        sys.exit(code)


if __name__ == "__main__":
    main()
