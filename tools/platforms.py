"""Tells which runtime dependencies have no wheel for a platform and a version of Python that we promise.

`python tools/platforms.py` prints a table and exits with 1 where something is missing that is not in `KNOWN`. It asks
the configured package index by `uv` (`pip install uv`) which files there are of the pinned versions; none is fetched.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# Linux with glibc 2.28 (Debian 10, RHEL 8), on ARM 2.35 (Ubuntu 22.04, Debian 12), which OpenVINO wants there.
PLATFORMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Linux x86-64": (r"any|manylinux(1|2010|2014|_2_([0-9]|1[0-9]|2[0-8]))_x86_64", {"sys_platform": "linux"}),
    "Linux arm64": (r"any|manylinux(2014|_2_([0-9]|[12][0-9]|3[0-5]))_aarch64", {"sys_platform": "linux"}),
    "macOS arm64": (r"any|macosx_1[0-5]_[0-9]+_(arm64|universal2)", {"sys_platform": "darwin"}),
    "Windows x86-64": (r"any|win_amd64", {"sys_platform": "win32"}),
}
MACHINES = {"Linux x86-64": "x86_64", "Linux arm64": "aarch64", "macOS arm64": "arm64", "Windows x86-64": "AMD64"}
SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
KNOWN: Mapping[str, frozenset[str]] = {}
"""What is missing and said in the documentation: platforms by package."""


def main() -> None:
    """Print the table; exit code 1 when something unknown is missing."""
    pins = (ROOT / "constraints.txt").read_text("utf-8")
    wheels, unknown = wheels_of(pins), False
    missing: dict[str, list[str]] = {}
    print(f"{'':<16}" + "".join(f"{python:<9}" for python in PYTHONS))
    for platform, (pattern, markers) in PLATFORMS.items():
        row = ""
        for python in PYTHONS:
            wanted = needed({**markers, "platform_machine": MACHINES[platform]}, python) & wheels.keys()
            lacking = sorted(name for name in wanted if not fits(wheels[name], pattern, python))
            row += f"{f'{len(wanted) - len(lacking)}/{len(wanted)}':<9}"
            for name in lacking:
                missing.setdefault(name, []).append(f"{platform} {python}")
                unknown |= platform not in KNOWN.get(name, ())
        print(f"{platform:<16}{row}")
    for name, places in missing.items():
        print(f"{name} has no wheel for {', '.join(places)}")
    sys.exit(1 if unknown else 0)


def wheels_of(pins: str) -> dict[str, list[str]]:
    """Return the names of all wheels of each pinned package.

    Args:
        pins: as in `constraints.txt`.

    Raises:
        SystemExit: uv is missing, or a pin is not to be had.
    """
    with tempfile.TemporaryDirectory() as made:
        listed, lock = Path(made) / "pins.txt", Path(made) / "pylock.toml"
        listed.write_text(pins, "utf-8")
        options = ["--no-deps", "--universal", "--python-version", PYTHONS[0], "--index-strategy", "unsafe-best-match"]
        command = ["uv", "pip", "compile", *options, "--format", "pylock.toml", "--quiet", "-o", str(lock), str(listed)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise SystemExit("uv is missing; install it with `pip install uv`") from None
        except subprocess.CalledProcessError as error:
            raise SystemExit(f"uv could not tell the files: {' '.join(str(error.stderr).split())}") from None
        return _named(tomllib.loads(lock.read_text("utf-8")))


def _named(lock: Mapping[str, object]) -> dict[str, list[str]]:
    packages = lock.get("packages")
    assert isinstance(packages, list)
    return {
        one["name"]: [
            wheel.get("name") or wheel.get("url", wheel.get("path", "")).rsplit("/", 1)[-1]
            for wheel in one.get("wheels", ())
        ]
        for one in packages
    }


def fits(wheels: Iterable[str], pattern: str, python: str) -> bool:
    """Tell whether one of the wheels can be installed.

    Args:
        wheels: their names.
        pattern: of the platforms that will do.
        python: version of Python.
    """
    tags = (tag for name in wheels for tag in parse_wheel_filename(name)[3])
    return any(re.fullmatch(pattern, tag.platform) and _runs(tag, python) for tag in tags)


def _runs(tag: Tag, python: str) -> bool:
    """Tell whether CPython of a version takes a wheel's interpreter and ABI."""
    own, minor = f"cp{python.replace('.', '')}", int(python.partition(".")[2])
    found = re.fullmatch(r"(cp|py)3(\d*)", tag.interpreter)
    if found is None:
        return False
    kind, least = found[1], int(found[2] or 0)
    if tag.abi == "none":
        return least <= minor if kind == "py" else tag.interpreter == own
    return tag.abi == own if tag.abi != "abi3" else least <= minor


def needed(markers: Mapping[str, str], python: str) -> set[str]:
    """Return all that an installation needs there, by the metadata of what is installed here.

    Args:
        markers: of the platform.
        python: version of Python.
    """
    system = SYSTEMS[markers["sys_platform"]]
    where = {name: str(value) for name, value in default_environment().items()} | dict(markers)
    where |= {"python_version": python, "python_full_version": f"{python}.0"}
    where |= {"platform_system": system, "os_name": "nt" if system == "Windows" else "posix", "extra": ""}
    found = set[tuple[str, frozenset[str]]]()
    waiting: list[tuple[str, frozenset[str]]] = [("babelquote", frozenset())]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _required(*one, where)
    return {name for name, _ in found} - {"babelquote"}


def _required(name: str, extras: frozenset[str], where: Mapping[str, str]) -> Iterator[tuple[str, frozenset[str]]]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:  # not needed here; what it needs itself is not known
        return
    for line in lines:
        one = Requirement(line)
        wanted = [{**where, "extra": extra} for extra in ("", *extras)]
        if one.marker is None or any(one.marker.evaluate(each) for each in wanted):
            yield re.sub(r"[-_.]+", "-", one.name).lower(), frozenset(one.extras)


if __name__ == "__main__":
    main()
