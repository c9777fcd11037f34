"""Sentences that mix directions, each with the order from left to right in which its parts must be seen."""

from __future__ import annotations

from dataclasses import dataclass

from index.types import Document
from ui.view.cards import PassageCard, SourceCard, TurnCard
from ui.view.documents.reader import document_html
from ui.view.render import turn_html

__all__ = ["CASES", "Case"]

ANSWER = ".bq-answer"


@dataclass(frozen=True, slots=True)
class Case:
    """A text in one place of the page.

    Attributes:
        place: where it stands: `answer`, `plain`, `question`, `title`, `quote`, `snippet`, `reader`, `failed`.
        text: what is said.
        seen: parts of it from left to right; `#1` is the chip of citation 1.
    """

    place: str
    text: str
    seen: tuple[str, ...]

    def scope(self) -> str:
        """Return the selector of the element that holds the text."""
        return {
            "question": ".bq-question",
            "title": ".bq-card[data-cite] .bq-open",
            "quote": ".bq-card[data-cite] mark",
            "snippet": ".bq-snippet",
            "reader": ".bq-text",
            "failed": ".bq-failed > span",
        }.get(self.place, ANSWER)

    def html(self) -> str:
        """Return the case as the product draws it."""
        if self.place == "reader":
            return document_html(Document("d", "Title", "s", "und", self.text), [(1, 0, 1)], 1, "en")
        card = SourceCard(1, "d", *(self._said(place) for place in ("title", "")), 0, 9, self._said("quote"))
        cards = (card, SourceCard(2, "d", "Second", "", 0, 9, "quote"))
        passages = (PassageCard("d", "Title", "s", 0, 9, self._said("snippet"), 0.5),)
        # Quotes that came before somebody stopped the answer stand in one text.
        state = {"failed": "failed", "plain": "stopped"}.get(self.place, "answered")
        text = self.text if self.place in ("answer", "plain", "failed") else "Yes [1]."
        llm = "extractive" if self.place == "plain" else "openai:x"
        return turn_html(TurnCard("t", self._said("question"), state, text, cards, passages, llm=llm), "en")

    def _said(self, place: str) -> str:
        return self.text if self.place == place else "Words"


def _cases(place: str, *pairs: tuple[str, str]) -> list[Case]:
    return [Case(place, text, tuple(seen.split())) for text, seen in pairs]


CASES = [
    *_cases(
        "answer",
        # Latin names
        ("تعمل AOI في القاهرة.", ". القاهرة في AOI تعمل"),
        ("شركة General Dynamics الأمريكية", "الأمريكية General Dynamics شركة"),
        ("الهيئة (AOI) تتوسع", "تتوسع ) AOI ( الهيئة"),
        ("حصلت طائرة F-16 المقاتلة", "المقاتلة F 16 طائرة حصلت"),
        ("می‌خواهد Python یاد بگیرد", "بگیرد یاد Python می"),
        ("חברת ה-AOI הודיעה", "הודיעה AOI - חברת"),
        # numbers, measures, dates, prices, ranges
        ("بنسبة 50% هذا العام", "العام هذا % 50 بنسبة"),
        ("עלייה של 50% השנה", "השנה 50 % עלייה"),
        ("حدود ۵۰٪ رشد کرد", "کرد رشد ٪ ۵۰ حدود"),
        ("بين 2019-2021 في مصر", "مصر 2021 - 2019 بين"),
        ("בשנים 2019-2021 בארץ", "בארץ 2019 - 2021 בשנים"),
        ("الفترة (2019-2021) طويلة", "طويلة ) 2021 - 2019 ( الفترة"),
        ("السعر 1,200.50 دولار", "دولار 1,200.50 السعر"),
        ("המחיר €20.50 בלבד", "בלבד € 20.50 המחיר"),
        ("يوم 3/11/2021 صباحا", "صباحا 3/11/2021 يوم"),
        ("وصل في 2021-11-04 الوفد", "الوفد 2021 11 04 في وصل"),
        ("الساعة 14:30 مساء", "مساء 14:30 الساعة"),
        ("عام ٢٠٢١ بلغ ٣٫٥ مليون", "مليون ٣٫٥ بلغ ٢٠٢١ عام"),
        ("بلغت الحرارة -5 درجات", "درجات - 5 الحرارة بلغت"),
        ("شبكات 5G الجديدة", "الجديدة 5 G شبكات"),
        ("ברשת ה-5G החדשה", "החדשה 5 G - ברשת"),
        ("بوينغ 737-MAX الجديدة", "الجديدة 737 MAX بوينغ"),
        ("المادة 5(أ) من القانون", "القانون من ) أ ( 5 المادة"),
        # addresses, files, code
        ("انظر https://example.org/docs/ للمزيد", "للمزيد https example docs/ انظر"),
        ("האתר example.co.il/news/ עודכן", "עודכן example news/ האתר"),
        ("راسلنا على info@example.org اليوم", "اليوم info @ example على راسلنا"),
        ("الملف report-2021.pdf مفقود", "مفقود report 2021 pdf الملف"),
        ("پرونده /etc/hosts را ببین", "ببین را / etc hosts پرونده"),
        ("نفذ `rag index --rebuild` الآن", "الآن rag index -- rebuild نفذ"),
        ("أضف --rebuild هنا", "هنا -- rebuild أضف"),
        ("الخادم 192.168.0.1 يعمل", "يعمل 192.168.0.1 الخادم"),
        ("لغة C++ سريعة", "سريعة C ++ لغة"),
        ("שפת C# טובה", "טובה C # שפת"),
        ("قرار U.S. الجديد", "الجديد U.S. قرار"),
        ("هاتف +20 2 2735 0000 للحجز", "للحجز +20 2735 0000 هاتف"),
        ("کاربر @ali_99 نوشت", "نوشت @ ali_99 کاربر"),
        ("وسم #Egypt اليوم", "اليوم # Egypt وسم"),
        # quotations and brackets
        ("سأل “Where is AOI?” ثم خرج", "خرج ثم Where AOI ? سأل"),
        ("قال «Ready, set!» ومشى", "ومشى Ready set ! قال"),
        ("He asked “أين المصنع؟” and left", "He asked ؟ المصنع أين and left"),
        ("The sign (שלום!) hung there", "sign ! שלום hung there"),
        ('צה"ל וארה"ב חתמו', "חתמו וארה צה"),
        ("The word سلام means peace", "The word سلام means peace"),
        # chips
        ("تدير المصنع AOI [1].", ". #1 AOI المصنع تدير"),
        ("المصنع في حلوان [1][2].", ". #2 #1 حلوان في المصنع"),
        ("تديره AOI [1]. Helwan مدينة قريبة [2].", "#2 قريبة مدينة Helwan #1 AOI تديره"),
        ("The capital is القاهرة [1]. 2021 was calm [2].", "capital القاهرة #1 . 2021 was calm #2"),
        ("مصنع [1] 2021 وآخر [2]", "#2 وآخر 2021 #1 مصنع"),
        # lists, headings, bold
        ("- الشركة A: 30%", "% 30 : A الشركة"),
        ("- القاهرة: 10 million people", "القاهرة : 10 million people"),
        ("1. راجع AOI فورا", "فورا AOI راجع"),
        ("## خطة AOI الجديدة", "الجديدة AOI خطة"),
        ("# The رؤية 2030 plan explained", "The 2030 رؤية plan explained"),
        ("**تنبيه:** راجع AOI فورا", "فورا AOI راجع : تنبيه"),
    ),
    *_cases(
        "plain",
        ("تعتزم AOI التوسع في Helwan. [1]", "#1 . Helwan في التوسع AOI تعتزم"),
        ("Factory مصنع حلوان opened. [2]", "Factory حلوان مصنع opened . #2"),
    ),
    *_cases(
        "question",
        ("AOI Helwan: ماذا قال المتحدث؟", "؟ المتحدث قال ماذا : AOI Helwan"),
        ("What did AOI announce in مصر?", "What AOI announce مصر ?"),
        ("מה אמר John Smith על ה-IMF?", "? IMF - על John Smith אמר מה"),
    ),
    *_cases(
        "title",
        ("لماذا تعزز AOI تعاونها (2021)؟", "؟ ) 2021 ( تعاونها AOI تعزز لماذا"),
        ("מהו «Iron Dome?» היום", "היום Iron Dome ? מהו"),
    ),
    *_cases("quote", ("وتعتزم AOI توسيع التعاون في 2021.", ". 2021 في التعاون توسيع AOI وتعتزم")),
    *_cases("snippet", ("הדוח (PDF, 12MB) פורסם", "פורסם ) PDF , 12 MB ( הדוח")),
    *_cases(
        "reader",
        ("The minister said “نحن جاهزون!” in Cairo.", "said ! جاهزون نحن Cairo ."),
        ("المصدر: https://example.org/a?b=1 (AOI).", ") AOI ( https b=1 المصدر"),
    ),
    *_cases("failed", ("تعذر فتح C:\\data\\report.pdf الآن", "الآن C: data report فتح تعذر")),
]
