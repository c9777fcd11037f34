"""Passwords of places: looked up where people keep them, and kept out of what is shown."""

from __future__ import annotations

import netrc
import os
import re
from collections.abc import Iterable, Mapping

from index.language.hygiene import clean_line
from index.sources.types import RefusedError

__all__ = ["login_of", "secrets_in", "variable_of", "without_secrets"]

_LOGIN = re.compile(r"//[^/@\s]*@")
_PARAMETERS = re.compile(r"\?\S*")
_SECRET_NAMES = re.compile(r"pass|secret|token|key|credential|auth|sas", re.IGNORECASE)
_LONGEST = 200


def variable_of(host: str) -> str:
    """Return the name of the environment variable that holds the password for a host."""
    return "RAG_PASSWORD_" + re.sub(r"[^A-Z0-9]", "_", host.upper())


def login_of(host: str, user: str) -> tuple[str, str]:
    """Return user and password for a host: by the environment, else by `~/.netrc`; the password is `""` for none.

    Raises:
        RefusedError: the file can't be used.
    """
    password = os.environ.get(variable_of(host), "")
    if password:
        return user, password
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except FileNotFoundError:
        return user, ""
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError) as error:
        raise RefusedError(f"the file of passwords can't be used ({type(error).__name__})") from error
    if found is None or (user and found[0] not in ("", user)):
        return user, ""
    return user or found[0], found[2] or ""


def secrets_in(options: Mapping[str, object]) -> list[str]:
    """Return the texts among the options of a place that must not be shown."""
    found = list[str]()
    for name, value in options.items():
        if isinstance(value, Mapping):
            found += secrets_in({f"{name}.{inner}": each for inner, each in value.items()})
        elif isinstance(value, tuple | list):
            found += [str(each) for each in value if _SECRET_NAMES.search(name)]
        elif isinstance(value, str) and _SECRET_NAMES.search(name):
            found.append(value)
    return [each for each in found if each]


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return what a library says of a failure, on one short line, without secrets, logins and parameters."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    return _PARAMETERS.sub("", _LOGIN.sub("//", clean_line(text)))[:_LONGEST]
