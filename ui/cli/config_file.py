"""The file `babelquote.toml`: found, checked, and handed to the rest of the program as environment variables.

What the environment says already stays, so the file comes after it and after the command line. Nothing is read from
the working folder: a folder that somebody else packed could choose there to whom questions are sent. The standard
library reads TOML; a settings library would take longer to import than an answer takes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from index.config import APP, clone_root
from index.errors import ConfigError
from ui.cli.settings import KEYS, Kind, Setting

__all__ = ["NAME", "VARIABLE", "FileSettings", "apply", "find_file", "loaded", "note_wrong", "wanted"]

NAME = "babelquote.toml"
VARIABLE = "RAG_CONFIG"
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What a file says.

    Attributes:
        path: the file; `None`: there is none.
        lines: by key, the number of its line; 0 where it was not found.
        used: keys that nothing in the environment overrides.
        wrong: why it can't be used.
    """

    path: Path | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    wrong: ConfigError | None = None


_loaded = FileSettings()


def loaded() -> FileSettings:
    """Return what was read when the program started."""
    return _loaded


def find_file(named: Path | None = None) -> Path | None:
    """Return the file that counts: the one that is named, else the clone's own, else the user's; `None`: there is none.

    Args:
        named: what `--config` names; `None` takes `RAG_CONFIG`, which may be empty to have none.

    Raises:
        ConfigError: the file that is named is not there.
    """
    chosen = os.environ.get(VARIABLE) if named is None else str(named)
    if chosen is not None:
        if chosen and not Path(chosen).is_file():
            raise ConfigError(f"{chosen}: there is no such settings file", f"name another one, or leave {VARIABLE} out")
        return Path(chosen) if chosen else None
    root = clone_root()
    places = [Path(platformdirs.user_config_dir(APP)) / NAME]
    if root is not None:
        places.insert(0, root / NAME)
    return next((place for place in places if place.is_file()), None)


def note_wrong(error: ConfigError) -> None:
    """Keep what is wrong with the file for who reports it beside other things."""
    global _loaded  # noqa: PLW0603 - one program has one file
    _loaded = FileSettings(wrong=error)


def apply(named: Path | None = None) -> None:
    """Read the file that counts and put what it says where everything looks; the environment goes before it.

    Raises:
        ConfigError: the file can't be read, or a line of it is wrong; names the line and what would be right.
    """
    global _loaded  # noqa: PLW0603 - one program has one file
    _loaded = FileSettings()
    path = find_file(named)
    if path is None:
        return
    text = _text(path)
    lines = {}
    used = set()
    for key, value in _parsed(path, text).items():
        lines[key] = _line_of(text, key)
        setting = _known(path, lines[key], key, value)
        written = _written(path, lines[key], setting, value)
        if setting.variable not in os.environ:
            os.environ[setting.variable] = written
            used.add(key)
    _loaded = FileSettings(path, lines, frozenset(used))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ConfigError(f"{path}: is too large for a settings file", "name another one with --config")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: can't be read ({error.strerror})", "check its permissions") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8", "save it as UTF-8") from error


def _parsed(path: Path, text: str) -> Mapping[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}", 'write each setting as: key = "value"') from error


def _line_of(text: str, key: str) -> int:
    """Return the number of the line that a key or table begins on; 0 when it stands there in another way."""
    name = rf"[\"']?{re.escape(key)}[\"']?"
    start = re.compile(rf"\s*({name}\s*[.=]|\[+\s*{name}\s*[\].])")
    return next((number for number, line in enumerate(text.splitlines(), start=1) if start.match(line)), 0)


def _known(path: Path, line: int, key: str, value: object) -> Setting:
    found = KEYS.get(key)
    if found is None:
        raise ConfigError(f"{_place(path, line)}: there is no setting {key!r}", _nearest(key, value))
    return found


def _nearest(key: str, value: object) -> str:
    from difflib import get_close_matches

    if isinstance(value, Mapping):
        return "write settings at the top of the file, in no table; `rag config` lists them"
    near = get_close_matches(key.lower().replace("_", "-").removeprefix("rag-"), KEYS, n=1, cutoff=0.5)
    return f"is {near[0]!r} meant? `rag config` lists all" if near else "`rag config` lists all that there are"


def _written(path: Path, line: int, setting: Setting, value: object) -> str:
    """Return a value as the environment holds it.

    Raises:
        ConfigError: it is none that the setting takes.
    """
    try:
        return _READ[setting.kind](path, setting, value)
    except (ConfigError, ValueError):
        shown = "that value" if setting.secret else repr(value)
        raise ConfigError(
            f"{_place(path, line)}: {setting.key} can't be {shown}", f"it takes {wanted(setting)}"
        ) from None


def _place(path: Path, line: int) -> str:
    return f"{path}, line {line}" if line else str(path)


def wanted(setting: Setting) -> str:
    """Return what a setting takes, in words."""
    if setting.choices:
        return "one of " + ", ".join(f'"{one}"' for one in setting.choices)
    if setting.kind in ("integer", "seconds"):
        return f"a {'whole ' * (setting.kind == 'integer')}number from {setting.least:g} to {setting.most:,.0f}"
    return {"switch": "true or false", "size": 'a size such as "50MB"'}.get(
        setting.kind, "a list of texts" if setting.kind in ("list", "lines") else "a text in quotation marks"
    )


def _as_text(_path: Path, setting: Setting, value: object) -> str:
    if not isinstance(value, str) or "\0" in value or (setting.choices and value not in setting.choices):
        raise ValueError
    return value


def _as_place(path: Path, setting: Setting, value: object) -> str:
    place = _as_text(path, setting, value)
    if "://" in place or not place:
        return place
    return str(path.absolute().parent / Path(place).expanduser())


def _as_number(_path: Path, setting: Setting, value: object) -> str:
    kinds = (int,) if setting.kind == "integer" else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not setting.least <= value <= setting.most:
        raise ValueError
    return f"{value}"


def _as_switch(_path: Path, _setting: Setting, value: object) -> str:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - reported as any other wrong value
    return "true" if value else "false"


def _as_list(_path: Path, setting: Setting, value: object) -> str:
    entries = value if isinstance(value, list) else [value]
    between = "\n" if setting.kind == "lines" else " "
    apart = str.splitlines if setting.kind == "lines" else str.split
    texts = [each for each in entries if isinstance(each, str) and len(apart(each)) == 1]
    if len(texts) < len(entries):
        raise ValueError
    return between.join(texts)


def _as_size(path: Path, setting: Setting, value: object) -> str:
    from index.sizes import parse_size

    text = _as_text(path, setting, value)
    parse_size(text, setting.key)
    return text


_READ: Mapping[Kind, Callable[[Path, Setting, object], str]] = {
    "text": _as_text,
    "place": _as_place,
    "integer": _as_number,
    "seconds": _as_number,
    "switch": _as_switch,
    "list": _as_list,
    "lines": _as_list,
    "size": _as_size,
}
