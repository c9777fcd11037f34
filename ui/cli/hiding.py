"""Keeps the password of a database out of the list of processes, where every account of the machine reads it.

`rag chat --index postgresql://user:password@host/name` is what people type. The program starts itself again without the
password, which goes on in `PGPASSWORD`, where libpq looks for it and only the same account may look.
"""

from __future__ import annotations

import os
import sys

__all__ = ["hide_password"]

_OPTION = "--index="
_SEVERAL = "error: the shards have several passwords, which all may read here: write them into a PGPASSFILE"


def hide_password() -> None:
    """Start this program again, in the same process, if its command line holds a password; else do nothing."""
    if os.name == "nt" or not any("://" in each for each in sys.argv[1:]):
        return  # on Windows another account can't read it
    before = sys.orig_argv[len(sys.orig_argv) - len(sys.argv) + 1 :]
    parted = [_parted(each) for each in before]
    passwords = list(dict.fromkeys(each for _, found in parted for each in found))
    if len(passwords) > 1:
        raise SystemExit(_SEVERAL)
    if passwords:
        program = sys.orig_argv[: len(sys.orig_argv) - len(before)]
        os.environ["PGPASSWORD"] = passwords[0]
        os.execv(sys.executable, [sys.executable, *program[1:], *(shown for shown, _ in parted)])  # noqa: S606


def _parted(argument: str) -> tuple[str, list[str]]:
    """Return an argument without passwords, and the passwords."""
    from index.locations import addresses_in, is_database, without_password

    option = _OPTION if argument.startswith(_OPTION) else ""
    value = argument.removeprefix(option)
    if not is_database(value) or "://" not in value:
        return argument, []
    pairs = [without_password(url) for url in addresses_in(value)]
    found = [password for _, password in pairs if password]
    return (option + " ".join(url for url, _ in pairs), found) if found else (argument, [])
