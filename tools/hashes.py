"""Writes `hashes.txt`: the packages of `constraints.txt` with the SHA-256 of every file of each, for `make` to check.

Run it after a change of `constraints.txt`: `python tools/hashes.py [WHEEL …]`. It asks the configured package index by
`uv` (`pip install uv`). A wheel that is named, such as a build of torch without GPU libraries, is allowed besides.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS, HASHES = ROOT / "constraints.txt", ROOT / "hashes.txt"
HEAD = "# Made by tools/hashes.py from constraints.txt: `make` installs nothing whose SHA-256 is not among these.\n"


def locked() -> str:
    """Return every pin with the digests of its files, as pip reads them.

    Raises:
        SystemExit: uv is missing, or a pin is not to be had.
    """
    quiet = ["--no-deps", "--no-header", "--no-annotate", "--quiet", "--index-strategy", "unsafe-best-match"]
    command = ["uv", "pip", "compile", "--generate-hashes", *quiet, str(PINS)]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        raise SystemExit("uv is missing; install it with `pip install uv`") from None
    except subprocess.CalledProcessError as error:
        output = " ".join(str(error.stderr).split()) or f"exit code {error.returncode}"
        raise SystemExit(f"uv could not tell the digests: {output}") from None


def with_wheel(text: str, wheel: Path) -> str:
    """Return the pins with one more allowed file: of the package and version that its name says."""
    name, version, *_ = wheel.name.split("-")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pin = f"{name.replace('_', '-').lower()}=={version.partition('+')[0]} \\\n"
    if pin not in text:
        raise SystemExit(f"{wheel.name}: constraints.txt pins no such version")
    return text if digest in text else text.replace(pin, f"{pin}    --hash=sha256:{digest} \\\n")


def pinned(text: str) -> dict[str, str]:
    """Return the versions of a list of pins, by the packages' names in their usual form."""
    found = re.findall(r"^([A-Za-z0-9][\w.-]*)==(\S+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def main() -> None:
    """Write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", nargs="*", type=Path, help="further files that may be installed")
    wheels = parser.parse_args().wheels
    text = locked()
    for wheel in wheels:
        text = with_wheel(text, wheel)
    HASHES.write_text(HEAD + text, encoding="utf-8")
    print(f"{HASHES.name}: {len(pinned(text))} packages, {text.count('--hash=')} files")


if __name__ == "__main__":
    main()
