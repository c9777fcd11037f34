"""Sentences by which a model is polite at the end of an answer: they say nothing that a source could carry."""

from __future__ import annotations

import re

__all__ = ["is_courtesy"]

_LONGEST = 140
_BEGINNINGS = (
    r"(?:please |just )?(?:let me know|feel free to|do not hesitate|don'?t hesitate)",
    r"i hope (?:this|that|it) (?:helps|is help)",
    r"hope (?:this|that) helps",
    r"(?:if|should) you (?:have|need|want|would like|require) (?:any|more|further|anything|additional)",
    r"is there anything else|(?:i'?m|i am|i'?d be|i would be|i'?ll be) (?:always )?(?:happy|glad) to|happy to help",
    r"glad to help",
    r"would you like (?:me|to know|more)|do you (?:want|need) (?:me|to know|more|any)|you'?re welcome|good luck\b",
    r"great question",
    r"(?:bitte )?(?:lassen sie|lass) (?:es )?mich (?:gerne? )?wissen|ich hoffe,? (?:das|dies|ich)",
    r"z[öo]gern sie nicht",
    r"(?:wenn|falls|sollten) (?:sie|du) (?:noch )?(?:weitere|mehr|fragen)|melden sie sich|(?:gerne?|ich) helfe",
    r"n'h[ée]sitez pas|n'h[ée]site pas|j'esp[èe]re que (?:cela|[çc]a|cette)|(?:faites|fais)-(?:le-)?moi savoir",
    r"si vous avez (?:d'autres|des|besoin)|si tu as (?:d'autres|des|besoin)|puis-je vous aider",
    r"(?:av[íi]s[ae]me|h[áa]g[ae]me saber|d[íi]game|dime) si|espero que (?:esto|te|le|isso|isto|tenha|ajude)",
    r"no dud[ae]s? en",
    r"si (?:tienes?|necesitas?|desea[s]?) (?:m[áa]s|otra|alguna)|fammi sapere|mi faccia sapere|spero (?:che|di)",
    r"non esit",
    r"se (?:hai|ha|avete) (?:altre|bisogno|domande)|se (?:voc[êe] )?(?:tiver|precisar)|me avise|fique [àa] vontade",
    r"laat (?:het )?me weten|als u (?:nog|meer|vragen)|daj mi zna[ćc]|je[śs]li masz (?:wi[ęe]cej|pytania|inne)",
    r"mam nadziej[ęe]",
    r"дайте (?:мне )?знать|надеюсь,? (?:это|что|я)|если у вас (?:есть|ещ[её]|появятся|останутся|возникнут)",
    r"обращайтесь",
    r"не стесняйтесь|чем ещ[её]|дайте мені знати|якщо (?:у вас|є) |сподіваюс[ья]",
    r"ba[şs]ka bir (?:sorunuz|soru|[şs]ey)|umar[ıi]m|(?:bana |l[üu]tfen )?(?:bildirin|haber verin|[çc]ekinmeyin)",
    r"yard[ıi]mc[ıi] olabil",
    r"إذا (?:كان|كانت) (?:لديك|لديكم)|آمل أن|أتمنى أن (?:يكون|تكون)|لا تتردد|(?:أخبرني|أعلمني|يرجى إخباري) إذا",
    r"هل (?:تريد|هناك) ",
    r"اگر (?:سؤال|سوال|پرسش|نیاز)|امیدوارم|(?:لطفا )?به من (?:بگویید|اطلاع)|אם יש לך|אני מקווה|אל תהסס|אשמח לעזור",
    r"הודיעו? לי",
    r"(?:यदि|अगर) (?:आपके|आपको)|आशा है|(?:कृपया )?मुझे बताएं|(?:如果|若)(?:您|你)(?:还有|還有|需要|有)",
    r"希望(?:这|這|以上|对|對)|如有",
    r"(?:请|請)(?:随时|隨時|告诉我|告訴我)|(?:他|ほか)に(?:ご)?(?:質問|不明)|お役に立て|お(?:気軽|知らせ)",
    r"도움이 되|(?:더 )?궁금(?:한|하)|추가 질문",
)
_COURTESY = re.compile(r"[\s\"'“¡¿*_-]*(?:" + "|".join(_BEGINNINGS) + ")", re.IGNORECASE)
# What a courtesy does not hold: numbers, addresses, and a second thing said behind a colon or a semicolon.
_SAYS_MORE = re.compile(r"\d|://|@|\w\.\w|[:;：；]")


def is_courtesy(sentence: str) -> bool:
    """Tell whether a sentence offers help or hopes to have given it, and says nothing else."""
    if len(sentence) > _LONGEST or _SAYS_MORE.search(sentence):
        return False
    return bool(_COURTESY.match(sentence.replace("’", "'")))
