"""English sentences without end, drawn from a grammar: varied enough that no two passages are alike."""

from __future__ import annotations

import random
from pathlib import Path

__all__ = ["article", "ask", "write_articles"]

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
_COUNT = ("barrels", "loaves", "lanterns", "tons of slate", "oak beams", "visitors", "sheep", "panes of glass")


def _sentence(dice: random.Random, year: int) -> str:
    pick = dice.choice
    subject = f"the {pick(_WHO)} of {pick(_PLACES)}"
    form = dice.randrange(4)
    if form == 0:
        return f"In {year} {subject} {pick(_DID)} the {pick(_KIND)} {pick(_WHAT)} {pick(_WHY)}."
    if form == 1:
        return f"That year, {year}, {subject} counted {dice.randrange(3, 900)} {pick(_COUNT)} at the {pick(_WHAT)}."
    if form == 2:
        return f"When {subject} {pick(_DID)} the {pick(_WHAT)} in {year}, the {pick(_WHO)} wrote to {pick(_PLACES)}."
    cost = dice.randrange(2_100, 90_000)
    return f"The {pick(_KIND)} {pick(_WHAT)} near {pick(_PLACES)} cost {subject} {cost} crowns in {year} {pick(_WHY)}."


def article(number: int, year: int, sentences: int = 12) -> str:
    """Return a title and paragraphs; every sentence names the year, so that two editions never share one."""
    dice = random.Random(f"{number}/{year}")
    found = [_sentence(dice, year) for _ in range(sentences)]
    paragraphs = [" ".join(found[at : at + 6]) for at in range(0, sentences, 6)]
    return "\n\n".join([f"Chronicle {number} of {_PLACES[number % len(_PLACES)]}", *paragraphs])


def ask(dice: random.Random) -> str:
    """Return a question that articles may answer."""
    who, place = dice.choice(_WHO), dice.choice(_PLACES)
    forms = (
        f"What did the {who} of {place} do with the {dice.choice(_WHAT)}?",
        f"How much did the {dice.choice(_WHAT)} near {place} cost?",
        f"How many {dice.choice(_COUNT)} did the {who} of {place} count?",
    )
    return dice.choice(forms)


def write_articles(folder: Path, count: int, year: int, sentences: int = 12) -> None:
    """Write articles as text files, 100 in a folder, in place of those of another year."""
    for number in range(count):
        path = folder / f"{number // 100:05}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(article(number, year, sentences), encoding="utf-8")
