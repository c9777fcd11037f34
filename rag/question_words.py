"""Words by which a question for a number or a year is known; folded as `rag.text.fold` does."""

from __future__ import annotations

from rag.text import fold

__all__ = ["COUNTING", "UNSPACED_COUNTING", "UNSPACED_YEAR", "WHICH", "YEAR"]

# Single words, and pairs written with `+`.
_COUNTING = """
how+many how+much how+old what+percentage what+age wie+viel wie+viele wie+vielen wieviel wieviele wie+hoch wie+alt
combien
quel+âge cuánto cuántos cuánta cuántas qué+edad quanto quanti quanta quante che+età quantos quantas que+idade hoeveel
hur+många hur+mycket hvor+mange hvor+meget сколько скільки ile ilu πόσο πόσα πόσοι πόσες كم چند چقدر כמה कितना कितने
कितनी
kaç kaçı berapa bao+nhiêu hány kolik koľko câți câte montako paljonko mennyi 몇 얼마나 얼마
"""
_WHICH = """
which what welchem welches welche welcher welchen in+welchem quelle quel qué que cuál cuándo quale che qual welk
vilket hvilket каком какой
якому jakim którym hangi ποιο ποια أي اي چه کدام איזו איזה באיזו באיזה किस कौन berapa nào
"""
_YEAR = """
year jahr jahre année annee año anno ano jaar år год году годе році року rok roku yıl yılda yılında yılı έτος χρονιά
عام سنة سال שנה साल वर्ष सन tahun năm 년 연도
"""

UNSPACED_COUNTING = (
    "多少", "几", "幾", "何人", "何年間", "何階", "何台", "何本", "何歳", "何回",
    "何個", "何日間", "何パーセント",
    "いくつ", "いくら", "どのくらい", "どれくらい", "กี่", "เท่าไร", "เท่าไหร่",
)  # fmt: skip
UNSPACED_YEAR = ("哪一年", "哪年", "何年に", "何年で", "ปีใด", "ปีไหน", "ปีอะไร")

COUNTING: frozenset[str] = frozenset(" ".join(fold(part) for part in word.split("+")) for word in _COUNTING.split())
WHICH: frozenset[str] = frozenset(map(fold, _WHICH.split()))
YEAR: frozenset[str] = frozenset(map(fold, _YEAR.split()))
