"""The filters as arguments of the tools: each tool that reads documents takes all of them, by the same names."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Annotated, TypeVar

from pydantic import Field

from ui.api.requests import Filters

__all__ = ["filtered"]

Result = TypeVar("Result")
_One = list[str] | str | None


def _filters(
    language: Annotated[_One, Field(description="Only passages in these languages, by code (en, ar …).")] = None,
    document: Annotated[_One, Field(description="Only these documents, by id (see list_documents).")] = None,
    since: Annotated[
        str | None, Field(description="Only documents from this date on: 2021, 2021-05 or 2021-05-04.")
    ] = None,
    until: Annotated[str | None, Field(description="Only documents up to this date.")] = None,
    folder: Annotated[str | None, Field(description="Only documents whose source lies below this folder.")] = None,
    collection: Annotated[_One, Field(description="Only documents of these collections, by name.")] = None,
    where: Annotated[
        dict[str, str] | None,
        Field(description='Only documents whose metadata holds these words, such as {"author": "Mei"}.'),
    ] = None,
) -> Filters:
    """Return the filters that were given; models write an empty text for nothing."""
    fields = {**locals(), "where": {key: words for key, words in (where or {}).items() if words.strip()}}
    return Filters.model_validate({name: value for name, value in fields.items() if value})


def filtered(tool: Callable[..., Awaitable[Result]]) -> Callable[..., Awaitable[Result]]:
    """Give a tool the filters in place of its parameter `wanted`, which then holds those that were given."""
    own, shared = inspect.signature(tool, eval_str=True), inspect.signature(_filters, eval_str=True)

    @wraps(tool)
    async def called(*args: object, **given: object) -> Result:
        fields = {name: given.pop(name) for name in shared.parameters if name in given}
        return await tool(*args, wanted=_filters(**fields), **given)  # type: ignore[arg-type] # named by the protocol, checked there

    parameters = [one for name, one in own.parameters.items() if name != "wanted"]
    parameters += [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in shared.parameters.values()]
    called.__dict__["__signature__"] = own.replace(parameters=parameters)
    called.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": own.return_annotation}
    return called
