"""What is wrong with the environment: variables whose value can't count, and misspelt names.

Commands refuse a wrong value when they use it. `rag config` and `rag doctor` name it before, for every setting at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from ui.cli.config_file import loaded, wanted
from ui.cli.settings import KEYS, SETTINGS, Kind, Setting

__all__ = ["misspelt", "reason_against", "wrong_values"]

_OTHERS = ("RAG_CONFIG", "RAG_DEBUG", "RAG_LLM_THINKS", "RAG_OPENAI_COMPATIBLE_API_KEY")
"""Further variables of ours. Those that begin with `RAG_PASSWORD_` are named after hosts."""
_SWITCHES = frozenset(["0", "1", "f", "false", "n", "no", "off", "on", "t", "true", "y", "yes"])
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_NEAR = 0.85


def wrong_values() -> Iterator[str]:
    """Yield what is wrong with each variable of a setting; what the settings file says was checked there."""
    for setting in SETTINGS:
        if setting.key not in loaded().used and (reason := reason_against(setting)):
            yield f"{setting.variable} {reason}"


def reason_against(setting: Setting) -> str:
    """Return why what the environment says of a setting can't count; `""` where it can, or says nothing."""
    value = os.environ.get(setting.variable, "")
    if not value or (_fits(setting, value) and not setting.choices) or value in setting.choices:
        return ""
    shown = "that value" if setting.secret else repr(value)
    return f"can't be {shown}; it takes {_TAKES.get(setting.key) or wanted(setting)}"


def misspelt() -> Iterator[str]:
    """Yield each variable that is almost one of ours; others that begin like ours may be another program's."""
    names = [*(setting.variable for setting in SETTINGS), *_OTHERS]
    for name in sorted(os.environ):
        if not name.startswith("RAG_") or name in names:
            continue
        if near := get_close_matches(name, names, n=1, cutoff=_NEAR):
            yield f"{name} is no setting; is {near[0]} meant?"


def _fits(setting: Setting, value: str) -> bool:
    try:
        return _BY_KEY.get(setting.key, _BY_KIND.get(setting.kind, _anything))(setting, value)
    except ValueError:  # numbers
        return False


def _anything(_: Setting, __: str) -> bool:
    return True


def _number(setting: Setting, value: str) -> bool:
    number = int(value) if setting.kind == "integer" else float(value)
    return setting.least <= number <= setting.most


def _switch(_: Setting, value: str) -> bool:
    return value.strip().lower() in _SWITCHES


def _size(setting: Setting, value: str) -> bool:
    from index.errors import ConfigError
    from index.sizes import parse_size

    try:
        parse_size(value, setting.variable)
    except ConfigError:
        return False
    return True


def _index(_: Setting, value: str) -> bool:
    from index.locations import is_database

    return not _SCHEME.match(value) or is_database(value)


def _folder(_: Setting, value: str) -> bool:
    return Path(value).is_dir()


def _ocr(_: Setting, value: str) -> bool:
    from index.sources.ocr.models import is_choice

    return is_choice(value)


_BY_KIND: Mapping[Kind, Callable[[Setting, str], bool]] = {
    "integer": _number,
    "seconds": _number,
    "switch": _switch,
    "size": _size,
}
_BY_KEY: Mapping[str, Callable[[Setting, str], bool]] = {"index": _index, "languages": _folder, "ocr": _ocr}
_TAKES: Mapping[str, str] = {
    "index": "a folder, or the address of a database (postgresql://…)",
    "languages": "a folder that is there",
    "ocr": "auto, off, or Tesseract's models such as deu+eng",
}
assert _BY_KEY.keys() == _TAKES.keys() <= KEYS.keys()
