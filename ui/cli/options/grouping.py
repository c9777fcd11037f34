"""Options that belong together, as one parameter of a command: declared once, for every command that takes them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps

__all__ = ["Command", "grouped"]

Command = Callable[..., None]


def grouped(name: str, make: Callable[..., object]) -> Callable[[Command], Command]:
    """Give a command the options of `make` in place of its parameter `name`, which then holds what `make` returns.

    An option that the command declares itself, with `_` before its name, stays its own: it says there why it has no
    use for it.
    """

    def give(command: Command) -> Command:
        own, shared = inspect.signature(command, eval_str=True), inspect.signature(make, eval_str=True)
        taken = [each for each in shared.parameters.values() if f"_{each.name}" not in own.parameters]

        @wraps(command)
        def called(**given: object) -> None:
            chosen = {each.name: given.pop(each.name) for each in taken}
            command(**{name: make(**chosen)}, **given)

        parameters = [one for each, one in own.parameters.items() if each != name]
        parameters += [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in taken]
        called.__dict__["__signature__"] = own.replace(parameters=parameters)
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        return called

    return give
