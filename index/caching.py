"""Results that are kept, of short texts only: what visitors send may be of any length, and so would be the memory.

A few thousand of them, no more: a text's words repeat themselves, so that more are hardly ever found again. A larger
cache goes on filling for thousands of questions, and until then a server's memory grows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

__all__ = ["kept"]

Rest = ParamSpec("Rest")
Result = TypeVar("Result")
_Function = Callable[Concatenate[str, Rest], Result]


def kept(most: int, longest: int) -> Callable[[_Function[Rest, Result]], _Function[Rest, Result]]:
    """Keep the last results of a function of a text; of a longer text they are made anew each time.

    Args:
        most: so many results.
        longest: characters of a text of which they are kept. What a result takes goes with that.
    """

    def keeping(function: _Function[Rest, Result]) -> _Function[Rest, Result]:
        cached = lru_cache(maxsize=most)(function)

        @wraps(function)
        def result(text: str, /, *rest: Rest.args, **named: Rest.kwargs) -> Result:
            if len(text) > longest:
                return function(text, *rest, **named)
            found: Result = cached(text, *rest, **named)  # type: ignore[arg-type] # lru_cache asks for hashable arguments
            return found

        return result

    return keeping
