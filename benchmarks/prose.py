"""English sentences without end, drawn from a grammar: varied enough that no two passages are alike.

Two words of each sentence are names of things drawn by Zipf's law from 40,000 made-up ones, most of which stand in few
passages, as most words of a language do: what a search for keywords costs and finds depends on that.
"""

from __future__ import annotations

import math
import random
from pathlib import Path

__all__ = ["article", "ask", "body", "drawn", "named", "title", "write_articles"]

_WHO = (
    "harbour master", "schoolteacher", "council", "shipwright", "botanist", "railway company", "glassblower", "editor",
    "lighthouse keeper", "mill owner", "ferryman", "surveyor", "bookbinder", "physician", "watchmaker", "choir",
    "weavers' guild", "fire brigade", "astronomer", "beekeeper", "notary", "bridge builder", "mayor", "cartographer",
)  # fmt: skip
_PLACES = ("Arden", "Belmar", "Corvale", "Dunmore", "Eskby", "Farlow", "Glenrith", "Hallam", "Ivers", "Jarrow", "Kelso",
           "Lanmoor", "Marwick", "Norvik", "Oldham", "Penrose", "Quarley", "Rosmarkt", "Selby", "Thornby")  # fmt: skip
_DID = ("repaired", "sold", "surveyed", "opened", "painted", "measured", "lost", "bought", "described", "rebuilt",
        "moved", "inspected", "inherited", "rented", "drained", "fenced", "photographed", "closed")  # fmt: skip
_WHAT = ("bridge", "granary", "orchard", "tram depot", "library", "canal lock", "observatory", "market hall",
         "vineyard", "printing press", "reservoir", "theatre", "quarry", "greenhouse", "pier", "hospital wing",
         "clock tower", "salt works", "rope walk", "brewery", "stone quay", "school house", "dairy")  # fmt: skip
_KIND = ("old", "northern", "wooden", "disused", "largest", "upper", "flooded", "new", "municipal", "narrow", "second",
         "abandoned", "private", "famous")  # fmt: skip
_WHY = ("because the winter had been hard", "after a long dispute with the neighbours", "with money from a lottery",
        "although nobody had asked for it", "to make room for the market", "at the wish of the parish",
        "before the first frost", "while the river was low", "so that carts could pass",
        "for a rent paid in barley", "once the survey was complete", "against the advice of the engineers")  # fmt: skip
_SYLLABLES = (
    "ba",
    "dro",
    "fen",
    "gil",
    "hus",
    "kar",
    "lom",
    "mir",
    "nev",
    "pol",
    "rast",
    "sil",
    "tor",
    "vun",
    "wex",
    "zan",
)
_NAMES = 40_000
_COUNT = ("barrels", "loaves", "lanterns", "tons of slate", "oak beams", "visitors", "sheep", "panes of glass")


def named(rank: int) -> str:
    """Return the made-up word of a rank."""
    name = ""
    while rank >= 0:
        rank, at = divmod(rank, len(_SYLLABLES))
        name, rank = _SYLLABLES[at] + name, rank - 1
    return name


def drawn(dice: random.Random) -> str:
    """Draw a made-up word: one of rank n comes with a chance of about 1 / n."""
    return named(int(math.exp(dice.random() * math.log(_NAMES))) - 1)


class _Cast:
    """Who and what one article is about: few of all there are, so that its sentences are of one topic."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.who, self.places, self.things = dice.sample(_WHO, 5), dice.sample(_PLACES, 4), dice.sample(_WHAT, 6)

    def sentence(self, year: int) -> str:
        """Return the next sentence."""
        pick, number, dice = self.dice.choice, self.dice.randrange, self.dice
        subject = f"the {pick(self.who)} of {pick(self.places)}"
        form = number(4)
        if form == 0:
            thing = f"the {pick(_KIND)} {drawn(dice)} {pick(self.things)} by {drawn(dice)}"
            return f"In {year} {subject} {pick(_DID)} {thing} {pick(_WHY)}."
        if form == 1:
            text = f"{number(3, 900)} {pick(_COUNT)} of {drawn(dice)} at the {drawn(dice)} {pick(self.things)}"
            return f"That year, {year}, {subject} counted {text}."
        if form == 2:
            text = f"the {pick(self.who)} wrote to {pick(_PLACES)} of {drawn(dice)}"
            return f"When {subject} {pick(_DID)} the {drawn(dice)} {pick(self.things)} in {year}, {text}."
        cost = f"cost {subject} {number(2_100, 90_000)} crowns in {year}"
        return f"The {pick(_KIND)} {drawn(dice)} {pick(self.things)} near {pick(self.places)} {cost} {pick(_WHY)}."


def title(number: int) -> str:
    """Return the title of an article."""
    return f"Chronicle {number} of {_PLACES[number % len(_PLACES)]}"


def body(number: int, year: int, sentences: int = 12) -> str:
    """Return paragraphs; every sentence names the year, so that two editions never share one."""
    cast = _Cast(random.Random(f"{number}/{year}"))
    found = [cast.sentence(year) for _ in range(sentences)]
    return "\n\n".join(" ".join(found[at : at + 6]) for at in range(0, sentences, 6))


def article(number: int, year: int, sentences: int = 12) -> str:
    """Return title and text of an article."""
    return f"{title(number)}\n\n{body(number, year, sentences)}"


def ask(dice: random.Random) -> str:
    """Return a question that articles may answer."""
    who, place = dice.choice(_WHO), dice.choice(_PLACES)
    forms = (
        f"What did the {who} of {place} do with the {drawn(dice)} {dice.choice(_WHAT)}?",
        f"How much did the {drawn(dice)} {dice.choice(_WHAT)} near {place} cost?",
        f"How many {dice.choice(_COUNT)} did the {who} of {place} count?",
    )
    return dice.choice(forms)


def write_articles(folder: Path, count: int, year: int, sentences: int = 12) -> None:
    """Write articles as text files, 100 in a folder, in place of those of another year."""
    for number in range(count):
        path = folder / f"{number // 100:05}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(article(number, year, sentences), encoding="utf-8")
