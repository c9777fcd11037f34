"""The command `config`: every setting, its value and where that comes from."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from index.config import cache_dir, default_index_dir
from rag.llms.kinds import KINDS
from ui.cli.config_file import NAME, VARIABLE, loaded
from ui.cli.environment import misspelt, reason_against
from ui.cli.options.shared import AsJson
from ui.cli.settings import SETTINGS, Setting
from ui.terminal.colours import Line, Span, line, show
from ui.terminal.lines import as_json, echo

__all__ = ["ShownSetting", "config_command", "shown_settings"]

_HIDDEN = "(hidden)"
_DEFAULT_PLACES: dict[str, Callable[[], object]] = {"index": default_index_dir, "cache": cache_dir}
_USER = re.compile(r"://\S*@")  # who asks, in an address; a password may hold a slash
_SECRET = re.compile(r"([?&][^=\s&]*(?:key|token|secret|pass)[^=\s&]*=)[^&\s]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting as it counts now.

    Attributes:
        key: its name in the file; of a key of a provider, its environment variable.
        value: what it is; nothing that is secret.
        origin: `"environment"`, `"file"` or `"default"`.
        where: the variable, the file with its line, or `""`.
        concerns: what it decides.
        wrong: why that value can't count; `""`: it can.
    """

    key: str
    value: str
    origin: str
    where: str
    concerns: str
    wrong: str = ""


def shown_settings() -> list[ShownSetting]:
    """Return every setting as it counts now, and which keys of providers are there."""
    keys = dict.fromkeys(kind.key for kind in KINDS.values() if kind.key)
    return [*map(_shown, SETTINGS), *(_shown_key(name) for name in keys)]


def _shown(setting: Setting) -> ShownSetting:
    value = os.environ.get(setting.variable, "")
    if not value:
        default = _DEFAULT_PLACES.get(setting.key, lambda: setting.default)
        return ShownSetting(setting.key, str(default()), "default", "", setting.concerns)
    shown, found = _masked(setting, value), loaded()
    if setting.key not in found.used:
        wrong = reason_against(setting)
        return ShownSetting(setting.key, shown, "environment", setting.variable, setting.concerns, wrong)
    number = found.lines.get(setting.key, 0)
    where = f"{found.path}, line {number}" if number else str(found.path)
    return ShownSetting(setting.key, shown, "file", where, setting.concerns)


def _masked(setting: Setting, value: str) -> str:
    """Return a value without what is secret in it: the password of an address, the values of headers."""
    if setting.variable.endswith("_SECRET"):
        return _HIDDEN
    if setting.kind == "lines":
        return ", ".join(f"{each.partition(':')[0]}: {_HIDDEN}" for each in value.splitlines())
    hidden = _USER.sub(f"://{_HIDDEN}@", value)
    return _SECRET.sub(rf"\1{_HIDDEN}", hidden)


def _shown_key(name: str) -> ShownSetting:
    there = bool(os.environ.get(name, "").strip())
    value, origin = (_HIDDEN, "environment") if there else ("not set", "default")
    return ShownSetting(name, value, origin, name if there else "", "a key; only the environment holds it")


def config_command(json: AsJson = False) -> None:
    """Show each setting, its value, and where it comes from.

    Passwords and keys are hidden. A value of the environment that can't count is shown with the reason.
    """
    rows, path, doubts = shown_settings(), loaded().path, list(misspelt())
    if json:
        echo(as_json({"file": None if path is None else str(path), "settings": rows, "misspelt": doubts}))
        return
    head = line(f"# {path}" if path else f"# no {NAME}; --config FILE or {VARIABLE} names one")
    show([head, *map(_row, rows), *(line(Span(doubt, "doubt")) for doubt in doubts)])


def _row(setting: ShownSetting) -> Line:
    known = Span(setting.value, "" if setting.origin == "default" else "title")
    wrong = [Span(f"  {setting.wrong}", "bad")] if setting.wrong else []
    origin = Span(f"  ({setting.where or setting.origin})", "quiet")
    return line(f"{setting.key:<24} ", known, origin, *wrong, indent=25)
