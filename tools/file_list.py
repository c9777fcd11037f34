"""Print the README's list of files: each file with the first sentence of its docstring.

Usage: `python tools/file_list.py --write` puts it between the markers in README.md; without it, it is printed.
"""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START, END = "<!-- files -->", "<!-- /files -->"


def first_sentence(file: Path) -> str:
    """Return the first sentence of a module's docstring on one line."""
    doc = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(doc.split("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s", paragraph)[0].rstrip(".")


def listing() -> str:
    """Return the list, a Markdown item a file, in the order in which data goes."""
    lines: list[str] = []
    for package in ("index", "rag", "ui"):
        lines += ["", f"**{package}/**", ""]
        for file in sorted((ROOT / package).rglob("*.py"), key=lambda f: (len(f.parts), f)):
            name = file.relative_to(ROOT).as_posix()
            lines.append(f"- `{name}`: {first_sentence(file)}.")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the list, or put it into the README."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the list into the README")
    if not parser.parse_args().write:
        print(listing())
        return
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    head, tail = text.split(START)[0], text.split(END)[1]
    readme.write_text(f"{head}{START}\n{listing()}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
