"""Whether something takes time in step with the length of its text."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["in_step"]


def in_step(seconds: Callable[[int], float], small: int, slack: float = 0.05, most: float = math.inf) -> bool:
    """Tell whether ten times the text takes less than thirty times as long: what is quadratic takes a hundred times.

    The long text, which costs most, is measured again only where it was slow the first time: others may be at work.

    Args:
        seconds: the processor time that a text of so many characters takes.
        small: characters of the short text.
        slack: seconds that the long one may take in any case.
        most: seconds that it must never take.
    """
    bound = slack + 30 * min(seconds(small) for _ in range(3))
    return any(seconds(10 * small) < min(bound, most) for _ in range(2))
