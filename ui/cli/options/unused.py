"""Options that would change nothing are refused by name: who gives one would believe that it did something."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

import typer

__all__ = ["given_options", "refuse_for_models", "refusing", "require_alone"]

# Whom a gateway's headers are not sent to: who needs no server, and who is no gateway.
_NO_HEADERS = frozenset({"extractive", "local", "anthropic"})


def refusing(why: str) -> Callable[[object], None]:
    """Return the callback of an option that a command knows only to say why it has no use for it.

    Args:
        why: completes "--option: …".
    """

    def refuse(value: object) -> None:
        if value is not None:
            raise typer.BadParameter(why)

    return refuse


def given_options(context: typer.Context) -> dict[str, str]:
    """Return what was written on the command line itself, by parameter, as it is written there."""
    return {
        one.name: one.opts[0] if one.param_type_name == "option" else one.name
        for one in context.command.params
        if one.name is not None and _was_written(context, one.name)
    }


def _was_written(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"  # not by a default or the environment


def require_alone(context: typer.Context, option: str, why: str, beside: Iterable[str]) -> None:
    """Refuse whatever else was given with an option that leaves it without effect.

    Args:
        context: the call.
        option: as it is written.
        why: what the option does instead.
        beside: parameters that may stand beside it.
    """
    others = [written for name, written in given_options(context).items() if name not in beside]
    if others:
        raise typer.BadParameter(f"{option} {why}, so {' and '.join(others)} would have no effect; leave that out")


def refuse_for_models(specs: Sequence[str], given: Mapping[str, object]) -> None:
    """Refuse options for a model's server where none of the models that may answer has one.

    Args:
        specs: of the models; an entry may hold several with commas between.
        given: what was given of `_llm_timeout` and `_llm_header`.
    """
    kinds = {part.partition(":")[0].strip() for spec in specs for part in spec.split(",")} - {""}
    models = ", ".join(specs)
    for name, takes in _TAKEN.items():
        if given.get(name) and not any(map(takes, kinds)):
            written = f"--{name.strip('_').replace('_', '-')}"
            raise typer.BadParameter(
                f"{written} has no effect on {models}; leave it out, or name another model with --llm"
            )


def _takes_headers(kind: str) -> bool:
    gateway = os.environ.get("OPENAI_BASE_URL", "").strip()
    return kind not in _NO_HEADERS and (kind != "openai" or bool(gateway))


_TAKEN: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {"_llm_timeout": lambda kind: kind != "extractive", "_llm_header": _takes_headers}
)
