"""Writes `hashes.txt`: the packages of `constraints.txt` with the SHA-256 of every file of each, for `make` to check.

Run it after a change of `constraints.txt`: `python tools/hashes.py [WHEEL …]`. It asks the configured package index by
`uv`, and for torch also the index of builds without GPU libraries. Where that one is not reached, the digests that the
file has of the same version stay. A wheel that is named is allowed besides.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS, HASHES = ROOT / "constraints.txt", ROOT / "hashes.txt"
HEAD = "# Made by tools/hashes.py from constraints.txt: `make` installs nothing whose SHA-256 is not among these.\n"


def locked(*options: str, pins: str | None = None) -> str:
    """Return every pin with the digests of its files, as pip reads them.

    Args:
        options: more of what uv is told.
        pins: lines to use in place of `constraints.txt`.

    Raises:
        SystemExit: uv is missing, or a pin is not to be had.
    """
    quiet = ["--no-deps", "--no-header", "--no-annotate", "--quiet", "--index-strategy", "unsafe-best-match"]
    source = str(PINS) if pins is None else "-"
    command = ["uv", "pip", "compile", "--generate-hashes", *quiet, *options, source]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, input=pins or "").stdout
    except FileNotFoundError:
        raise SystemExit("uv is missing; install it with `pip install uv`") from None
    except subprocess.CalledProcessError as error:
        output = " ".join(str(error.stderr).split()) or f"exit code {error.returncode}"
        raise SystemExit(f"uv could not tell the digests: {output}") from None


def digests_of(text: str, pin: str) -> list[str]:
    """Return the digests that stand under one pin (`torch==2.13.0`, also where a build is named: `+cpu`)."""
    block = re.search(rf"^{re.escape(pin)}(?:\+\w+)? \\\n((?:    --hash=\S+(?: \\)?\n)+)", text, re.MULTILINE)
    return re.findall(r"--hash=sha256:([0-9a-f]{64})", block[1]) if block else []


def with_digests(text: str, pin: str, digests: Iterable[str]) -> str:
    """Return the pins with more allowed files of one of them; those that it has are not repeated.

    Raises:
        SystemExit: there is no such pin.
    """
    line = f"{pin} \\\n"
    if line not in text:
        raise SystemExit(f"constraints.txt has no {pin}")
    new = [each for each in dict.fromkeys(digests) if each not in digests_of(text, pin)]
    return text.replace(line, line + "".join(f"    --hash=sha256:{each} \\\n" for each in new))


def with_wheel(text: str, wheel: Path) -> str:
    """Return the pins with one more allowed file: of the package and version that its name says."""
    name, version, *_ = wheel.name.split("-")
    pin = f"{name.replace('_', '-').lower()}=={version.partition('+')[0]}"
    return with_digests(text, pin, [hashlib.sha256(wheel.read_bytes()).hexdigest()])


def with_builds_for_processors(text: str, before: str) -> str:
    """Return the pins with the builds of torch without GPU libraries: as their index says, else as `before` does."""
    pin = f"torch=={pinned(text)['torch']}"
    try:
        return with_digests(text, pin, digests_of(locked("--torch-backend", "cpu", pins=pin), pin))
    except SystemExit as error:
        kept = digests_of(before, pin)
        print(f"{error}\ntorch without GPU libraries: {len(kept)} digests of {HASHES.name} stay")
        return with_digests(text, pin, kept)


def pinned(text: str) -> dict[str, str]:
    """Return the versions of a list of pins, by the packages' names in their usual form."""
    found = re.findall(r"^([A-Za-z0-9][\w.-]*)==(\S+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def main() -> None:
    """Write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", nargs="*", type=Path, help="further files that may be installed")
    wheels = parser.parse_args().wheels
    text = with_builds_for_processors(locked(), HASHES.read_text(encoding="utf-8"))
    for wheel in wheels:
        text = with_wheel(text, wheel)
    HASHES.write_text(HEAD + text, encoding="utf-8")
    print(f"{HASHES.name}: {len(pinned(text))} packages, {text.count('--hash=')} files")


if __name__ == "__main__":
    main()
