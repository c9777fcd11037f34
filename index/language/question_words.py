"""Words by which it is known what a question asks for: a number, a year, a name, several things, a reason.

Folded as `index.language.words.fold` does.
"""

from __future__ import annotations

from index.language.words import fold, tokens

__all__ = [
    "COUNTING",
    "UNSPACED_COUNTING",
    "UNSPACED_YEAR",
    "WHICH",
    "YEAR",
    "asks_for_a_name",
    "asks_for_a_reason",
    "counts",
    "goes_on",
]

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

_NAMING = """
who whom whose where wer wen wem wessen wo wohin woher qui où quién quiénes dónde chi dove quem onde wie waar vem var
hvem hvor кто кого кому кем где куда хто кого де kim kimi kime kimin nerede nereye kto kogo gdzie kdo koho kde ποιος
ποια που من مَن أين اين ممن لمن چه+کسی کجا کیست کدام+کشور کدام+شهر מי איפה היכן למי ממי कौन किसने किसे किसका कहाँ
कहां कौन+सा ai đâu siapa কে কোথায় کون کہاں 누구 누가 어디 어디서
"""
_UNSPACED_NAMING = (
    "谁",
    "誰",
    "哪里",
    "哪裡",
    "哪儿",
    "哪国",
    "哪个国家",
    "哪座城市",
    "どこ",
    "だれ",
    "どなた",
    "ใคร",
    "ที่ไหน",
)
_REASONS = """
why warum weshalb wieso weswegen pourquoi por+qué perché por+que porque waarom varför hvorfor почему зачем чому навіщо
neden niçin niye dlaczego proč γιατί لماذا لم+لا چرا למה מדוע क्यों tại+sao vì+sao mengapa kenapa কেন کیوں 왜
"""
_UNSPACED_REASONS = ("为什么", "為什麼", "为何", "為何", "なぜ", "どうして", "ทำไม", "เพราะเหตุใด")

# How a sentence begins that gives one more reason.
_FURTHER = """
also moreover furthermore further besides additionally second secondly third thirdly finally another außerdem zudem
ferner darüber überdies zweitens drittens schließlich auch hinzu aussi également ensuite deuxièmement troisièmement
enfin además también asimismo segundo tercero finalmente inoltre anche secondo além também ademais segundo bovendien
ook daarnaast verder dessutom också кроме также во-вторых в-третьих наконец крім також ayrıca üstelik bunun ikincisi
poza również كما وكذلك كذلك إضافة بالإضافة وثانيا ثانيا علاوة وأيضا أيضا همچنین علاوه دوم بعلاوه כמו בנוסף גם שנית
इसके साथ दूसरा selain juga kedua ngoài thứ hơn 또한 게다가 둘째
"""
_UNSPACED_FURTHER = ("此外", "另外", "而且", "其次", "第二", "还", "還", "さらに", "また", "第二に", "นอกจากนี้")

UNSPACED_COUNTING = (
    "多少", "几", "幾", "何人", "何年間", "何階", "何台", "何本", "何歳", "何回",
    "何個", "何日間", "何パーセント",
    "いくつ", "いくら", "どのくらい", "どれくらい", "กี่", "เท่าไร", "เท่าไหร่",
)  # fmt: skip
UNSPACED_YEAR = ("哪一年", "哪年", "何年に", "何年で", "ปีใด", "ปีไหน", "ปีอะไร")

COUNTING: frozenset[str] = frozenset(" ".join(fold(part) for part in word.split("+")) for word in _COUNTING.split())
WHICH: frozenset[str] = frozenset(map(fold, _WHICH.split()))
YEAR: frozenset[str] = frozenset(map(fold, _YEAR.split()))
_NAMES = frozenset(" ".join(fold(part) for part in word.split("+")) for word in _NAMING.split())
_MORE = frozenset(map(fold, _FURTHER.split()))
_WHY = frozenset(" ".join(fold(part) for part in word.split("+")) for word in _REASONS.split())


def asks_for_a_name(question: str) -> bool:
    """Tell whether a question asks who or where."""
    return _has(question, _NAMES, _UNSPACED_NAMING)


def asks_for_a_reason(question: str) -> bool:
    """Tell whether a question asks why."""
    return _has(question, _WHY, _UNSPACED_REASONS)


def counts(question: str) -> bool:
    """Tell whether a question asks for a number of things."""
    return _has(question, COUNTING, UNSPACED_COUNTING)


def goes_on(sentence: str) -> bool:
    """Tell whether a sentence begins as one that adds to what was said before it."""
    first = next(iter(tokens(sentence)), None)
    return sentence.startswith(_UNSPACED_FURTHER) or (first is not None and first.form in _MORE)


def _has(question: str, words: frozenset[str], unspaced: tuple[str, ...]) -> bool:
    forms = [token.form for token in tokens(question)]
    pairs = zip(["", *forms], forms, strict=False)
    return any(form in words or f"{before} {form}" in words for before, form in pairs) or any(
        word in question for word in unspaced
    )
