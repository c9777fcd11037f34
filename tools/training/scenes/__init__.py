"""Scenes: short invented texts in several languages, with what is true, false and open of them.

They were written for this project. `fillers.toml` holds names in each script; all other files of this folder hold
scenes:

    [[scenes]]
    name = "…"                      # unique
    slots = { A = "person", N = "number 12 90", Y = "year" }
    [scenes.en]                     # one table a language; items at the same place mean the same in each
    title = "…"
    passage = "…{A}…"
    true, false, silent = […]       # statements that the passage supports, contradicts, says nothing about
    asked = [["question", "words of the passage that answer it"], …]
    unasked = ["question that the passage nearly answers", …]

Each scene is filled several times with other names, places and numbers. Claims and questions come in the language of
their passage or in another one, so that any two languages meet.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tools.training.corpus import LABELS, Claim, Corpus, Paragraph, Question

__all__ = ["Scene", "filled", "read_scenes", "scene_claims", "with_scenes"]

_FOLDER = Path(__file__).parent
_FILLERS = "fillers.toml"
_SLOT = re.compile(r"\{(\w+)\}")
_YEARS = 1890, 2024
_FILLED, _CLAIMED = 3, 4  # times that each scene is filled for questions and for claims
_SCRIPTS = {
    "ru": "Cyrl",
    "uk": "Cyrl",
    "ar": "Arab",
    "fa": "Arab",
    "he": "Hebr",
    "hi": "Deva",
    "zh": "Hans",
    "ja": "Jpan",
    "ko": "Kore",
}
_SAID = {"true": "support", "false": "contradict", "silent": "silent"}

Telling = Mapping[str, Any]
"""A scene in one language, as its table has it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene as it is written.

    Attributes:
        name: unique.
        slots: kind of each slot: `person`, `firm`, `place`, `year` or `number LOW HIGH`.
        told: the table of each language.
    """

    name: str
    slots: Mapping[str, str]
    told: Mapping[str, Telling]


def read_scenes(folder: Path = _FOLDER) -> list[Scene]:
    """Read all scenes of a folder, ordered by file and place.

    Raises:
        ValueError: two scenes have one name, or an answer doesn't stand in its passage.
    """
    found = [
        _scene(table)
        for path in sorted(folder.glob("*.toml"))
        if path.name != _FILLERS
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["scenes"]
    ]
    if len({scene.name for scene in found}) < len(found):
        raise ValueError(f"{folder}: two scenes have one name")
    return found


def _scene(table: Mapping[str, Any]) -> Scene:
    told = {key: value for key, value in table.items() if isinstance(value, dict) and key != "slots"}
    for language, words in told.items():
        for question, answer in words["asked"]:
            if answer not in words["passage"]:
                raise ValueError(
                    f"{table['name']}, {language}: {answer!r} is no answer to {question!r}: once, it must be"
                )
    return Scene(str(table["name"]), table.get("slots", {}), told)


def filled(scene: Scene, dice: random.Random) -> dict[str, Telling]:
    """Return the scene with its slots filled, the same thing in each language's script."""
    rows = _fillers()
    drawn: dict[str, str | Sequence[str]] = {}
    for kind in ("person", "firm", "place"):
        names = [name for name, wanted in scene.slots.items() if wanted == kind]
        drawn |= zip(names, dice.sample(rows[kind], len(names)), strict=True)
    drawn |= {name: _number(kind, dice) for name, kind in scene.slots.items() if name not in drawn}
    return {language: _with_slots(told, _written(drawn, language)) for language, told in scene.told.items()}


def _number(kind: str, dice: random.Random) -> str:
    low, high = _YEARS if kind == "year" else map(int, kind.split()[1:])
    return str(dice.randint(low, high))


def _written(drawn: Mapping[str, str | Sequence[str]], language: str) -> dict[str, str]:
    place = _fillers()["scripts"].index(_SCRIPTS.get(language, "Latn"))
    return {name: value if isinstance(value, str) else value[place] for name, value in drawn.items()}


def _with_slots(told: Telling, words: Mapping[str, str]) -> Telling:
    """Return a table with the slots of all its texts filled."""

    def fill(value: object) -> object:
        if isinstance(value, str):
            return _SLOT.sub(lambda found: words.get(found.group(1), found.group()), value)
        assert isinstance(value, list)
        return [fill(each) for each in value]

    return {key: fill(value) for key, value in told.items()}


@cache
def _fillers() -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / _FILLERS).read_text(encoding="utf-8"))


def with_scenes(corpus: Corpus, scenes: Sequence[Scene], seed: int = 1) -> Corpus:
    """Return the corpus with paragraphs and questions of the scenes behind its own.

    All fillings of a scene are parallel: one never serves as a wrong passage for another.
    """
    dice = random.Random(seed)
    paragraphs, questions = list(corpus.paragraphs), list(corpus.questions)
    for scene in scenes:
        for number in range(_FILLED):
            told = filled(scene, dice)
            first = len(paragraphs)
            paragraphs += [
                Paragraph(
                    f"{scene.name}-{number}-{language}",
                    language,
                    words["title"],
                    scene.name,
                    words["passage"],
                    scene.name,
                )
                for language, words in told.items()
            ]
            questions += _questions(told, first, dice)
    return Corpus(paragraphs, questions)


def _paragraph(scene: str, number: int, language: str, words: Telling) -> Paragraph:
    name = f"{scene}-{number}-{language}"
    return Paragraph(name, language, words["title"], scene, words["passage"], scene)


def _questions(told: Mapping[str, Telling], first: int, dice: random.Random) -> Iterator[Question]:
    """Ask each paragraph in its own language, and each thing once in another one."""
    for place, (language, words) in enumerate(told.items(), first):
        for source, asks in (("scenes", language), ("scenes-across", _another(told, language, dice))):
            for (question, _), (_, answer) in zip(told[asks]["asked"], words["asked"], strict=True):
                at = words["passage"].find(answer)
                yield Question(source, asks, question, place, at, answer)
            for question in told[asks]["unasked"]:
                yield Question(source, asks, question, place)


def _another(told: Mapping[str, Telling], language: str, dice: random.Random) -> str:
    return dice.choice([other for other in told if other != language] or [language])


def scene_claims(scenes: Sequence[Scene], seed: int = 2) -> list[Claim]:
    """Return the statements about each filled scene: in the passage's language, and in another one."""
    dice = random.Random(seed)
    return [claim for scene in scenes for _ in range(_CLAIMED) for claim in _claims(filled(scene, dice), dice)]


def _claims(told: Mapping[str, Telling], dice: random.Random) -> Iterator[Claim]:
    for language, words in told.items():
        for source, said_in in (("scenes", language), ("scenes-across", _another(told, language, dice))):
            for kind, label in _SAID.items():
                for text in told[said_in][kind]:
                    yield Claim(source, text, words["passage"], LABELS[label], made=True)
