from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.checking.written.markers import find_markers
from tests.harness.growing import in_step


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
        ("By her【1†source】, then【4:0†source】【2†L1-L5】.", [(1,), (4,), (2,)]),
        ("[1†source, 2†source] and [3†page]", [(1, 2), (3,)]),
        ("[Source 1], [source: 2], [Sources 1 and 2], [Source 1, Source 3]", [(1,), (2,), (1, 2), (1, 3)]),
        ("[Source No. 1] [Quelle Nr. 2] [doc1] [Doc_2] [Ref. 3] [passage #4]", [(1,), (2,), (1,), (2,), (3,), (4,)]),
        ("(Source 1) (Quelle 2) (来源1) （出典：２） (المصدر ٣)", [(1,), (2,), (1,), (2,), (3,)]),
        ("[स्रोत 1] [Nguồn 2] [tài liệu 3] [Fuente 1] [Источник 2]", [(1,), (2,), (3,), (1,), (2,)]),
        ("[1 oraz 2] [3 hoặc 4] [2及3] [1및2] [1andante 2]", [(1, 2), (3, 4), (2, 3), (1, 2)]),
        ("[Source 1: Harbour, the lighthouse 5]", [(1,)]),
        ("[[1]] and \\[2\\]", [(1,), (2,)]),
        ("[Figure 1] [Table 2] [Chapter 3] [Note 4] [July 4] [sic] [Source] (see 1) (Figure 1)", []),
        ('The 6.1" panel [1] is 3.2" high [2].', [(1,), (2,)]),
        ('A 5" and a "big" one [1], 7" wide', [(1,)]),
        ('"The whole answer is quoted [1]."', [(1,)]),
        ('"It is 6.1" wide and 3.2" high [1]."', [(1,)]),
        ("“It is quoted [1].” ⚠", [(1,)]),
        ("- „Alles in Anführung [1]“", [(1,)]),
        ("「灯台は1871年に建てられた[1]。」", [(1,)]),
        ('"One [1]" is near "Two [2]".', []),
    ],
)
def test_markers_are_understood_or_left_alone(text: str, expected: list[tuple[int, ...]]) -> None:
    assert numbers(text) == expected


SOURCES = ["The rule of paragraph (1) holds.", "Artikel (2) gilt.", "Third."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Built by Ada Brandt (1).", [(1,)]),
        ("Built by Ada Brandt (1), opened by Bob (2).", [(1,), (2,)]),
        ("It was built. (1) It is high. (2)", [(1,), (2,)]),
        ("| mill (1) | inn (2) |", [(1,), (2,)]),
        ("由她建造（1）。", [(1,)]),
        ("Both say so (1, 3).", [(1, 3)]),
        ("Built by her (1)[2].", [(1,), (2,)]),
        ("Built in 1871 [1]. Designed by Ada (2).", [(1,), (2,)]),
        ("There are (1) solar and (2) wind.", []),
        ("Two kinds: (1) solar, (2) wind.", []),
        ("(1) He came. (2) She left.", []),
        ("It holds under paragraph (1).", []),
        ("Es gilt Artikel (2).", []),
        ("It has three (3).", []),
        ("Article 5 (1).", []),
        ("Only in time (4).", []),
        ("It opened early (2019).", []),
        ("`f (1)` ends.", []),
    ],
)
def test_a_number_in_round_brackets_is_a_marker_where_nothing_else_is_meant(
    text: str, expected: list[tuple[int, ...]]
) -> None:
    assert [marker.numbers for marker in find_markers(text, SOURCES)] == expected
    assert [numbers for numbers in numbers_without_sources(text) if "(" in numbers] == []


def numbers_without_sources(text: str) -> list[str]:
    return [text[marker.start : marker.end] for marker in find_markers(text)]


@given(st.text())
def test_markers_lie_in_the_text_in_order(text: str) -> None:
    markers = find_markers(text)
    for marker in markers:
        assert text[marker.start] in "[【(（\\"
        assert text[marker.end - 1] in "]】)）"
    assert all(one.end <= other.start for one, other in itertools.pairwise(markers))


@given(st.text(alphabet='[]1,-`"“”„>~\n a٢【】^', max_size=300))
@settings(max_examples=300)
def test_dense_marker_soup_never_breaks(text: str) -> None:
    for marker in find_markers(text):
        assert len(marker.numbers) <= 50 * 200


@pytest.mark.parametrize(
    "unit",
    [
        "[", "[1", "[1,", "[1-", "`", "``[", "„", "“", '"[', "„”", "[1]`", "> [1\n", "【1", "```\n", "[1,2", "“[1]",
        "(", "(1", "(1,)", "((((((((1)", '6"', '"[1] ', "[[1", "\\\\[", "[Source ", "(a 1)", "1†",
    ],
)  # fmt: skip
def test_time_grows_in_step_with_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.process_time()
        find_markers(text, [text])
        return time.process_time() - started

    assert in_step(seconds, 8_000, slack=0.02, most=3)


def test_a_huge_range_is_cut() -> None:
    assert len(numbers("[1-1000000000]")[0]) == 50
