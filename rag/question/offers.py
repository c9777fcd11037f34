"""What an assistant offered: the thing that is asked about in "Do you want to know the ticket prices?".

The frame asks the reader and not the documents: looked for as it stands, nothing would answer it.
"""

from __future__ import annotations

import re

__all__ = ["topic"]

_TELL = "know|hear|learn|see|find out|read|get|have|check|ask|tell you|show you|look up|explain|list|give you|add|share"
# Before what is offered, a language a line or two: who wants what, or shall do what.
_HEADS = (
    (
        rf"(?:do|would) you (?:also |perhaps |maybe )?(?:want|like|care|wish|need)(?: me)?"
        rf"(?: to (?:also )?(?:{_TELL}))?(?: more)?(?: information| details?)?(?: about| on| of)?"
    ),
    (
        r"(?:shall|should|can|could|may) i (?:also )?(?:tell|show|give|explain|look up|list|add|share|find)(?: out)?"
        r"(?: to)?(?: you)?(?: up)?(?: more)?(?: about| on)?"
    ),
    r"are you (?:also )?interested in(?: (?:knowing|hearing|learning|seeing))?",
    rf"want to (?:{_TELL})(?: more)?(?: about)?",
    r"(?:möchten|wollen|möchtest|willst|würden|würdest) (?:sie|du|ihr)(?: auch| gerne?| noch| mehr| etwas)*(?: über)?",
    r"(?:soll|kann|darf) ich (?:ihnen|dir|euch)?(?: auch| noch| mehr| etwas)*(?: über)?",
    r"interessieren sie sich für",
    (
        r"(?:voulez|souhaitez|désirez|aimeriez|veux|souhaites|aimerais)[- ](?:vous|tu)(?: aussi| également)?(?: en)?"
        r"(?: savoir| connaître| voir| apprendre| que je vous (?:dise|donne|montre|indique))?(?: plus)?(?: sur)?"
    ),
    r"(?:dois|puis)[- ]je vous (?:dire|donner|montrer|indiquer)",
    (
        r"¿?(?:quieres?|deseas?|[lt]e gustaría|quisieras?)(?: también)?(?: saber| conocer| ver| que [lt]e diga)?"
        r"(?: más)?(?: sobre| acerca de)?"
    ),
    (
        r"(?:vuole|vuoi|vorrebbe|vorresti|desideri?|desidera|[lt]i interessa|le interessa)(?: anche)?"
        r"(?: sapere| conoscere| vedere)?(?: di più)?(?: su| sui| sulle)?"
    ),
    r"(?:você )?(?:quer|deseja|gostaria de)(?: também)?(?: saber| conhecer| ver)?(?: mais)?(?: sobre)?",
    r"(?:wilt u|wil je|wilt je|zou u|zou je)(?: ook| graag| meer)*(?: over)?",
    r"(?:czy )?(?:chcesz|chciał[ab]yś|chciałabyś|chce pani?)(?: też| również)?(?: poznać| wiedzieć| zobaczyć)?",
    (
        r"(?:вы )?(?:хотите|хотели бы|желаете|хочешь|хотел бы)(?: вы| ли вы| также| ещё)*"
        r"(?: узнать| знать| увидеть| посмотреть)?(?: больше)?(?: о| об| про)?"
    ),
    r"(?:рассказать|показать|назвать)(?: вам)?(?: о| об| про)?",
    r"(?:чи )?(?:ви )?(?:хочете|бажаєте|хотіли б)(?: ви| також)*(?: дізнатися| знати)?(?: про)?",
    (
        r"هل (?:تريد|ترغب|تود|تريدين|تحب|ترغبون|تريدون)(?: في| أيضا| أيضًا| أن)*"
        r"(?: معرفة| تعرف| رؤية| الاطلاع على)?(?: المزيد عن)?"
    ),
    r"(?:آیا )?(?:می‌خواهید|میخواهید|مایلید|دوست دارید)",
    r"(?:האם )?(?:תרצה|תרצי|אתה רוצה|את רוצה|רוצה|תרצו)(?: גם)?(?: לדעת| לראות| לשמוע)?(?: את| על)?",
    r"क्या (?:आप|तुम)",
    r"(?:您|你)?(?:是否)?也?(?:想要?|需要|要|希望)也?(?:知道|了解|查看|看看?|我告诉[您你])?",
    r"apakah (?:anda|kamu) (?:juga )?(?:ingin|mau)(?: tahu| mengetahui| melihat)?(?: tentang)?",
    r"(?:bạn|quý vị) có (?:muốn|cần)(?: biết| xem| tìm hiểu)?(?: thêm)?(?: về)?",
    r"vill du (?:också |även )?(?:veta|se|höra|få reda på)?(?: mer)?(?: om)?",
)
# Behind it, where verbs and particles come last.
_TAILS = (
    r"(?:gerne? )?(?:auch )?(?:wissen|erfahren|hören|sehen|kennen|kennenlernen|haben|sagen|nennen|zeigen)",
    r"(?:weten|horen|zien)|oder|d'accord",
    r"(?:hakkında (?:bilgi )?)?(?:öğrenmek|bilmek|görmek|almak|duymak)? ?(?:ister|istiyor) m[iu]s[iu]n(?:[iu]z)?",
    r"(?:را )?(?:هم )?(?:بدانید|ببینید|بشنوید|می‌خواهید)",
    r"(?:के बारे में )?(?:भी )?(?:जानना|देखना|सुनना) (?:चाहेंगे|चाहते हैं|चाहती हैं|चाहोगे)",
    r"(?:を|について|も)?(?:知りたい|聞きたい|見たい|お知りになりたい|お伝えし|お調べし|ご覧になり)(?:です|ます|ましょう)?か?",
    r"(?:을|를|에 대해|도)? ?(?:알고 싶|보고 싶|알려 ?드릴|원하)(?:으?세요|으십니까|나요|으신가요|까요|시나요)?",
    r"[吗嗎呢么]",
)
_HEAD = re.compile(rf"\s*(?:{'|'.join(_HEADS)})(?=[\s,:]|(?<=[\u3000-\u9fff]))[\s,:]*", re.IGNORECASE)
_TAIL = re.compile(rf"[\s,]*(?:{'|'.join(_TAILS)})\s*\Z", re.IGNORECASE)
_ASKS = "?？؟;！!。. \"'”»」*_"


def topic(offer: str) -> str:
    """Return what an offer is about, as a question; `""` when it is no offer but a question of its own.

    Args:
        offer: the last sentence of an answer, with its question mark.
    """
    inside = offer.strip("¿ \"'“«「*_").rstrip(_ASKS)
    head = _HEAD.match(inside)
    rest = inside[head.end() :] if head else inside
    tail = _TAIL.search(rest)
    rest = (rest[: tail.start()] if tail else rest).strip(" ,:–—-")
    if not rest or rest == inside:
        return ""
    return f"{rest[:1].upper()}{rest[1:]}{_mark(offer)}"


def _mark(offer: str) -> str:
    return next((sign for sign in "？؟" if sign in offer), "?")
