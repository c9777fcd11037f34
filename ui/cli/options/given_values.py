"""Commands that take what needs no conversion as it was given, and whose help names values in words.

Typer converts each value by pydantic, whose import costs a question a fifth of its processor time: also an option that
nobody gave. Texts, defaults and what is not there need none. Versions of Typer without pydantic are left as they are.

Help says `TEXT`, `NUMBER`, `PATH` where Typer has Python's names of types.
"""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

__all__ = ["GivenCommand", "GivenGroup"]

_WORDS = (("path", "PATH"), ("int", "NUMBER"), ("float", "NUMBER"), ("", "TEXT"))
"""A part of Typer's name for a type, and the word that help has for it; the first that fits."""
_TEXTS: tuple[object, ...] = (str, str | None)


class _Conversion:
    """What a parameter of Typer has for its conversion, made when it is first needed."""

    def coerce(self, value: object, param: Any, ctx: Any) -> object:  # noqa: ANN401 - Typer's own classes, not the same in every version
        """Return a value as its command takes it."""
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        is_text = isinstance(value, str) and param.type_descriptor.annotation in _TEXTS
        if not several and (is_text or value is param.default):
            return value
        param._runtime_param = None  # by which Typer makes its own
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def _prepared(params: list[Any]) -> list[Any]:
    for param in params:
        if hasattr(param, "get_runtime_param") and getattr(param, "_runtime_param", param) is None:
            param._runtime_param = _Conversion()
    return params


def _worded(params: list[Any], ctx: Any) -> list[Any]:  # noqa: ANN401 - as in Typer
    for param in params:
        if hasattr(param, "display_type") and not getattr(param, "is_flag", False):
            display = type(param).display_type(param, ctx=ctx)
            word = next(word for part, word in _WORDS if part in display)
            param.display_type = lambda *_, word=word, **__: word
    return params


class GivenCommand(TyperCommand):
    """A command of Typer; see the module."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - as in Typer
        """Return what it takes, `--help` included."""
        return _worded(_prepared(super().get_params(ctx)), ctx)


class GivenGroup(TyperGroup):
    """A group of commands of Typer; see the module."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - as in Typer
        """Return what it takes, `--help` included."""
        return _worded(_prepared(super().get_params(ctx)), ctx)
