"""Which texts a model reads together: those of like length, so that little is read that only fills up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["batched"]


def batched(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield the places of texts in batches, from the shortest to the longest.

    Args:
        lengths: tokens of each text.
        budget: the most tokens of a batch, each text filled up to its longest; one that is longer stands alone.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[place] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
