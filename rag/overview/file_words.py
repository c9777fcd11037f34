"""Words by which it is known that a question asks what files and mails tell about themselves, in ten languages.

Arabic, Chinese, English, French, German, Hebrew, Persian, Russian, Spanish and Turkish; folded as `words.fold` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from index.language.folding import fold

__all__ = ["FILLERS", "FROM", "SPOKEN", "TO", "UNSPACED", "concepts_of"]

_WORDS = {
    "wrote": """
        wrote write written writes author authors authored writer schrieb schrieben geschrieben schreibt
        verfasst verfasste autor autorin verfasser verfasserin ecrit ecrite ecrits rédigé rédigée auteur autrice
        auteurs écrivit escribió escrito escrita escribe redactó redactado autora autores написал написала
        написали автор автора авторы составил составила yazdı yazmış yazan yazarı yazar yazdığı كتب كتبت كتبتها
        كتبته كتبها كتبه كاتب مؤلف ألف نوشت نوشته نوشته‌است نویسنده نویسندهٔ כתב כתבה כתבו נכתב נכתבה מחבר המחבר
        מחברת
    """,
    "sent": """
        sent send sends sender schickte schickten geschickt schickt sandte gesendet versandt verschickt absender
        absenderin envoyé envoyée envoyés envoyées envoya envoie expéditeur expéditrice envió enviado enviada
        enviados envía mandó mandado remitente отправил отправила отправили отправлено отправлены прислал
        прислала прислали послал послала отправитель gönderdi göndermiş gönderen gönderdiği gönderildi yolladı
        yollayan attı أرسل أرسلت أرسلتها أرسلته أرسلها أرسله أرسلوا مرسل المرسل بعث بعثت فرستاد فرستاده فرستنده
        ارسال שלח שלחה שלחו נשלח נשלחה נשלחו שולח השולח
    """,
    "received": """
        receive received receives recipient recipients get gets got bekam bekommen erhielt erhalten erhält
        empfänger empfängerin reçu reçue reçus reçut destinataire destinataires recibió recibido recibida
        destinatario destinatarios получил получила получили получатель aldı alan alıcı alıcısı استلم استلمت
        تلقى تلقت مستلم المستلم دریافت گیرنده קיבל קיבלה קיבלו נמען הנמען
    """,
    "mail": """
        mail mails email emails e-mail e-mails message messages e mailed nachricht nachrichten courriel
        courriels mél méls correo correos mensaje mensajes electrónico electrónicos письмо письма писем письме
        почта почты сообщение сообщения сообщений posta postalar postaları postayı postası e-posta e-postalar
        e-postaları ileti iletiler mesaj mesajlar رسالة رسائل الرسائل الرسالة بريد البريد إيميل ایمیل ایمیل‌ها
        ایمیلها پیام پیام‌ها نامه מייל מיילים המיילים אימייל אימיילים הודעה הודעות ההודעות
    """,
    "when": "when wann quand cuándo когда zaman متى زمانی מתי",
    "who": """
        who whom whose wer wen wem wessen qui quién quiénes кто кого кому кем kim kime kimi kimin kimden من لمن
        ممن چه‌کسی کسی کی מי למי ממי
    """,
    "whom": "whom wem кому kime لمن למי",
}
_UNSPACED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "wrote": ("撰写", "编写", "写的", "写了", "作者", "谁写", "所写"),
        "sent": ("发送", "发件人", "发给", "寄给", "寄的", "发了", "发的", "寄来", "寄了", "发来"),
        "received": ("收到", "收件人"),
        "mail": ("电子邮件", "邮件", "信件", "消息"),
        "when": ("什么时候", "何时", "哪天", "几时"),
        "whom": ("给谁", "寄给谁", "发给谁"),
        "who": ("谁",),
        "": ("哪些", "哪封", "哪份", "什么", "这份", "那份", "关于", "的", "了", "是", "吗", "在", "给", "？"),
    }
)
# Say before a name that it is whom something went to.
TO: frozenset[str] = frozenset(
    map(fold, ["to", "an", "à", "a", "au", "aux", "para", "إلى", "به", "برای", "אל", "для", "к"])
)
# Say before a name that it came from there.
FROM: frozenset[str] = frozenset(map(fold, ["from", "von", "de", "del", "от", "من", "از", "מאת"]))
# Say nothing about which file is meant, beside the words that every question has.
_FILLERS = """
by about from out file files document documents text texts report reports paper article letter letters memo
guide manual this that in during all everything his her month year last der die das von vom durch datei dateien
dokument dokumente bericht artikel brief über alle alles monat jahr welche habe par fichier fichiers texte
rapport lettre mois année tous toutes il elle t le la les ce cette por archivo archivos documento documentos
texto informe artículo carta mes año todos todas файл файлы документ документы документа текст отчет отчёт
статья месяце году все dosya dosyalar belge belgeler metin rapor makale tarafından hangi neler ayında yılında ne
ile ilgili konulu hakkında ملف ملفات مستند مستندات نص تقرير التقرير مقال كل شهر عام قبل بواسطة حول التي الذي بها
به فایل سند سندها متن گزارش مقاله کرد کرده شده است ماه سال توسط درباره همه קובץ קבצים מסמך מסמכים טקסט דוח הדוח
מאמר כל חודש שנת ידי על מאת אשר אילו אלו
"""
FILLERS: frozenset[str] = frozenset(map(fold, _FILLERS.split()))
SPOKEN: Mapping[str, frozenset[str]] = MappingProxyType(
    {concept: frozenset(map(fold, words.split())) for concept, words in _WORDS.items()}
)
UNSPACED: tuple[tuple[str, str], ...] = tuple(
    sorted(((word, name) for name, words in _UNSPACED.items() for word in words), key=lambda pair: -len(pair[0]))
)


def concepts_of(form: str) -> frozenset[str]:
    """Return what a folded word says: `wrote`, `sent`, `received`, `mail`, `when`, `who`, `whom`; nothing for most."""
    return frozenset(name for name, words in SPOKEN.items() if form in words)
