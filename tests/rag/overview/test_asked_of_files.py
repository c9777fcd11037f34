"""What files and mails tell about themselves answers who, when, to whom and which; other questions are left alone."""

from __future__ import annotations

import pytest

from index.building.passages.properties import with_properties
from index.types import Document
from rag.overview.answers import answer_about_files
from rag.overview.asked.asked_of_files import AUTHOR, DATE, RECIPIENT, asked_of_files
from rag.testing.memory_index import MemoryStore

MAILS = (
    ("offer", "Boiler offer", "Mei Tanaka <mei@example.org>", ["Ola Berg <ola@example.org>"], "2024-03-04"),
    ("parking", "Parking", "Ola Berg <ola@example.org>", ["Mei Tanaka <mei@example.org>"], "2024-03-05"),
    ("canteen", "Canteen", "Mei Tanaka <mei@example.org>", ["team@example.org"], "2024-04-06"),
    ("greeting", "Greetings", "مي تاناكا <mei2@example.org>", ["أولا <o@example.org>"], "2024-03-09"),
    ("shalom", "Shalom", "מיי טנקה <mei3@example.org>", ["עולא <u@example.org>"], "2024-03-10"),
    ("nihao", "你好", "田中美 <mei4@example.org>", ["王力 <w@example.org>"], "2024-03-11"),
)
REPORTS = (
    ("safety", "Safety report", "en"),
    ("sicherheit", "Bericht zur Sicherheit", "de"),
    ("securite", "Rapport de sécurité", "fr"),
    ("seguridad", "Informe de seguridad", "es"),
    ("bezopasnost", "Отчёт о безопасности", "ru"),
    ("guvenlik", "Güvenlik raporu", "tr"),
    ("salama", "تقرير السلامة", "ar"),
    ("imeni", "گزارش ایمنی", "fa"),
    ("betihut", "דוח הבטיחות", "he"),
    ("anquan", "安全报告", "zh"),
)


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    for name, subject, sender, recipients, date in MAILS:
        head = f"From: {sender}\nTo: {', '.join(recipients)}\nDate: {date}\nSubject: {subject}"
        metadata = {"author": sender, "sender": sender, "recipients": recipients, "date": date, "subject": subject}
        made.add(Document(name, subject, f"mails.mbox#{name}", "en", f"{head}\n\nWords of {name}.", metadata))
    for place, (name, title, language) in enumerate(REPORTS, 1):
        metadata = {"author": f"Author Number{place}", "date": f"2020-{place:02}-01"}
        text = f"{title}\n\nThree accidents were seen."
        made.add(with_properties(Document(name, title, f"reports/{name}.docx", language, text, metadata)))
    return made


def _told(store: MemoryStore, question: str, language: str) -> list[str]:
    """Return the quotes, each checked against its document."""
    answer = answer_about_files(question, language, store)
    if answer is None:
        return []
    for citation in answer.citations:
        text = store.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote
        assert f"[{citation.number}]" in answer.text
    return [citation.quote for citation in answer.citations]


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Who wrote the safety report?"),
        ("de", "Wer hat den Bericht zur Sicherheit geschrieben?"),
        ("fr", "Qui a écrit le rapport de sécurité ?"),
        ("es", "¿Quién escribió el informe de seguridad?"),
        ("ru", "Кто написал отчёт о безопасности?"),
        ("tr", "Güvenlik raporunu kim yazdı?"),
        ("ar", "من كتب تقرير السلامة؟"),
        ("fa", "چه کسی گزارش ایمنی را نوشت؟"),
        ("he", "מי כתב את דוח הבטיחות?"),
        ("zh", "谁写了安全报告？"),
    ],
)
def test_who_wrote_a_document_is_told_from_its_properties(store: MemoryStore, language: str, question: str) -> None:
    place = next(place for place, report in enumerate(REPORTS, 1) if report[2] == language)
    assert _told(store, question, language) == [f"Author: Author Number{place}"]
    answer = answer_about_files(question, language, store)
    assert answer is not None
    assert answer.citations[0].location == "from the file's properties"


@pytest.mark.parametrize(
    ("language", "question", "names"),
    [
        ("en", "Which mails did Mei send in March?", ["offer"]),
        ("en", "Which e-mails did Ola get from Mei?", ["offer"]),
        ("en", "mails from Mei in April 2024", ["canteen"]),
        ("de", "Welche Mails hat Mei im März geschickt?", ["offer"]),
        ("fr", "Quels courriels Mei a-t-elle envoyés à Ola ?", ["offer"]),
        ("es", "¿Qué correos envió Mei en abril?", ["canteen"]),
        ("ru", "Какие письма Mei отправила в марте?", ["offer"]),
        ("tr", "Mei'nin Ola'ya gönderdiği e-postalar hangileri?", ["offer"]),
        ("tr", "Mei martta hangi e-postaları gönderdi?", ["offer"]),
        ("ar", "ما الرسائل التي أرسلتها مي إلى أولا في مارس؟", ["greeting"]),
        ("fa", "می در مارس کدام ایمیل‌ها را فرستاد؟", ["greeting"]),
        ("he", "אילו מיילים שלחה מיי במרץ?", ["shalom"]),
        ("zh", "田中美在3月发了哪些邮件？", ["nihao"]),
    ],
)
def test_mails_are_listed_by_who_sent_them_when(
    store: MemoryStore, language: str, question: str, names: list[str]
) -> None:
    subjects = [subject for name, subject, *_ in MAILS if name in names]
    result = _told(store, question, language)
    assert [quote.rpartition("Subject: ")[2] for quote in result] == subjects


@pytest.mark.parametrize(
    ("language", "wanted", "words", "question"),
    [
        ("en", DATE, "boiler offer", "When was the boiler offer sent?"),
        ("en", RECIPIENT, "boiler offer", "Who was the boiler offer sent to?"),
        ("en", DATE, "safety", "On which date was the safety report written?"),
        ("de", DATE, "angebot fenster", "Wann ist das Angebot für Fenster verschickt worden?"),
        ("de", AUTHOR, "wasserpumpen", "Wer ist der Autor des Berichts über die Wasserpumpen?"),
        ("fr", DATE, "devis toit", "Quand le devis pour le toit a-t-il été envoyé ?"),
        ("fr", RECIPIENT, "devis toit", "À qui le devis pour le toit a-t-il été envoyé ?"),
        ("es", DATE, "olivos", "¿Cuándo se escribió el informe sobre los olivos?"),
        ("es", RECIPIENT, "invitacion feria", "¿A quién se envió la invitación a la feria?"),
        ("ru", DATE, "мосте", "Когда был написан отчёт о мосте?"),
        ("ru", RECIPIENT, "счет уголь", "Кому был отправлен счёт за уголь?"),
        ("tr", DATE, "kutuphane", "Kütüphane raporu ne zaman yazıldı?"),
        ("tr", RECIPIENT, "halı siparisi", "Halı siparişi kime gönderildi?"),
        ("ar", DATE, "عرض السعر", "متى تم إرسال عرض السعر؟"),
        ("fa", DATE, "باغ سيب", "گزارش باغ سیب کی نوشته شد؟"),
        ("fa", RECIPIENT, "دعوت جشن", "دعوت به جشن به چه کسی فرستاده شد؟"),
        ("fa", AUTHOR, "باغ سيب", "نویسندهٔ گزارش باغ سیب کیست؟"),
        ("he", DATE, "הצעת המחיר", "מתי נשלחה הצעת המחיר?"),
        ("zh", DATE, "订单", "订单是什么时候发送的？"),
        ("zh", RECIPIENT, "订单", "订单发给了谁？"),
    ],
)
def test_what_is_asked_of_a_file_and_by_which_words_it_is_named(
    language: str, wanted: str, words: str, question: str
) -> None:
    asked = asked_of_files(question, language)
    assert asked is not None
    assert (asked.wanted, " ".join(asked.words)) == (wanted, words)


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("To whom did Mei send the boiler offer?", ["To: Ola Berg <ola@example.org>"]),
        ("Who received the boiler offer?", ["To: Ola Berg <ola@example.org>"]),
        ("Who wrote about the canteen?", ["From: Mei Tanaka <mei@example.org>"]),
        ("When was the safety report written?", ["Date: 1 January 2020 (2020-01-01)"]),
        ("When did Mei send the offer?", ["Date: 2024-03-04"]),
    ],
)
def test_the_line_that_answers_is_quoted(store: MemoryStore, question: str, quotes: list[str]) -> None:
    assert _told(store, question, "en") == quotes


@pytest.mark.parametrize(
    "question",
    [
        "How many mails did Mei send?",
        "Why did Mei send the offer?",
        "Who wrote Hamlet?",
        "What did Mei write about the weather?",
        "Which letters did Darwin send from Brazil in 1832?",
        "How many accidents does the safety report tell of?",
        "When does the canteen open?",
        "Who wrote it?",
        "Which mails did Nobody send in March?",
        "Which mails did Mei send in December?",
        "谁写了《红楼梦》？",
        "Кто написал «Анну Каренину»?",
        "",
    ],
)
def test_other_questions_are_looked_for_in_the_texts(store: MemoryStore, question: str) -> None:
    assert _told(store, question, "ru" if question[:1] == "К" else "zh" if question[:1] == "谁" else "en") == []
