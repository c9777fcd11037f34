"""SRT and WebVTT subtitles: what is said, without times and tags, cues joined to paragraphs at pauses."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from index.sources.text.builder import TextBuilder
from index.sources.text.encoding import decoded
from index.sources.types import Extract, Head, ReadContext, Reader

__all__ = ["READER"]

_CLOCK = r"(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_CLOCK}\s*-->\s*{_CLOCK}.*$")
_START = re.compile(rf"\A\ufeff?(?:WEBVTT\b|\s*+(?:\d++[^\S\n]*+\n)?+\s*+{_CLOCK}\s*+-->)")
_TAG = re.compile(r"</?[^<>\n]{1,80}>|\{\\[^}]{0,80}\}")
_PAUSE_SECONDS = 2.0
_LONG_PARAGRAPH = 600


def _sniff(head: Head) -> float:
    return 0.85 if head.text and _START.match(head.text.replace("\r\n", "\n")) else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    text = decoded(data, context)
    builder = TextBuilder()
    spoken: list[str] = []
    last_end = 0.0
    for start, end, words in _cues(text.replace("\r\n", "\n").split("\n")):
        if spoken and (start - last_end > _PAUSE_SECONDS or sum(map(len, spoken)) > _LONG_PARAGRAPH):
            builder.block(" ".join(spoken))
            spoken.clear()
        spoken.append(words)
        last_end = end
    builder.block(" ".join(spoken))
    return [builder.extract()]


def _cues(lines: Sequence[str]) -> list[tuple[float, float, str]]:
    cues: list[tuple[float, float, str]] = []
    number = 0
    while number < len(lines):
        times = _TIMES.match(lines[number])
        number += 1
        if not times:
            continue
        words = []
        while number < len(lines) and lines[number].strip() and not _TIMES.match(lines[number]):
            words.append(html.unescape(_TAG.sub("", lines[number])).strip())
            number += 1
        groups = times.groups()
        cues.append((_seconds(groups[:4]), _seconds(groups[4:]), " ".join(filter(None, words))))
    return [cue for cue in cues if cue[2]]


def _seconds(clock: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = clock
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")


READER = Reader("subtitles", (".srt", ".vtt"), _sniff, _read)
