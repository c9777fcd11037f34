from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.markers import find_markers


def numbers(text: str) -> list[tuple[int, ...]]:
    return [marker.numbers for marker in find_markers(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One [1].", [(1,)]),
        ("Two [1][2].", [(1,), (2,)]),
        ("List [1, 2] and [3;4].", [(1, 2), (3, 4)]),
        ("Range [1-3] and [2–4].", [(1, 2, 3), (2, 3, 4)]),
        ("Mixed [1, 3-5, 3].", [(1, 3, 4, 5)]),
        ("عربي [١] و[٢، ٣].", [(1,), (2, 3)]),
        ("فارسی [۴].", [(4,)]),
        ("हिन्दी [२].", [(2,)]),
        ("全角 [１２]，【3】【4，5】。", [(12,), (3,), (4, 5)]),
        ("Footnote [^2].", [(2,)]),
        ("None: [], [a], [1a], [-1], [1.5], (1), {1}.", []),
        ("`code[1]` then [2]", [(2,)]),
        ("```\nx[1]\n```\nafter [2]", [(2,)]),
        ("~~~\nx[1]\n```\ny[3]\n~~~\nafter [2]", [(2,)]),
        ("> quoted [1]\nown [2]", [(2,)]),
        ("He wrote “see [1]” there [2].", [(2,)]),
        ('He wrote "see [1]" there [2].', [(2,)]),
        ("Er schrieb „siehe [1]“ dort [2].", [(2,)]),
        ("Il écrit « voir [1] » là [2].", [(2,)]),
        ("他写「见[1]」[2]。", [(2,)]),
        ('An unclosed " quote [1]', [(1,)]),
        ("An unclosed ` tick [1]", [(1,)]),
        ("It's 5 o'clock [1] isn't it [2]", [(1,), (2,)]),
        ("[9999999999999999999999]", [(9999999999999999999999,)]),
        ("[5-2]", [()]),
    ],
)
def test_markers_are_understood_or_left_alone(text: str, expected: list[tuple[int, ...]]) -> None:
    assert numbers(text) == expected


@given(st.text())
def test_markers_lie_in_the_text_in_order(text: str) -> None:
    markers = find_markers(text)
    for marker in markers:
        assert text[marker.start] in "[【"
        assert text[marker.end - 1] in "]】"
    assert all(one.end <= other.start for one, other in itertools.pairwise(markers))


@given(st.text(alphabet='[]1,-`"“”„>~\n a٢【】^', max_size=300))
@settings(max_examples=300)
def test_dense_marker_soup_never_breaks(text: str) -> None:
    for marker in find_markers(text):
        assert len(marker.numbers) <= 50 * 200


@pytest.mark.parametrize(
    "unit",
    ["[", "[1", "[1,", "[1-", "`", "``[", "„", "“", '"[', "„”", "[1]`", "> [1\n", "【1", "```\n", "[1,2", "“[1]"],
)
def test_time_grows_in_step_with_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            find_markers(text)
            best = min(best, time.process_time() - started)
        return best

    small, large = seconds(20_000), seconds(200_000)
    assert large < 0.02 + 30 * small, (unit, small, large)  # quadratic would be 100 times
    assert large < 3


def test_a_huge_range_is_cut() -> None:
    assert len(numbers("[1-1000000000]")[0]) == 50
