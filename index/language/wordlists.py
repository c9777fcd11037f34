"""Small tables of words that carry facts: months, small numbers, denials. Folded as `index.language.words.fold` does.

They make checks sharper where a language is listed; elsewhere digits and meaning still decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from index.language.words import fold

__all__ = [
    "ARTICLES",
    "DENY_TWICE",
    "FALSE_FRIENDS",
    "HARMLESS",
    "HARMLESS_PHRASES",
    "IMPLIED_DENIALS",
    "IMPLIED_PARTS",
    "LARGE_NUMBERS",
    "MONTHS",
    "NEGATIONS",
    "NEGATION_PARTS",
    "NUMBER_WORDS",
]

# One entry a line; an indented line goes on with the one before it.
_MONTHS = """
january jan januar janvier enero gennaio janeiro januari январь января січень січня styczeń stycznia ocak
    يناير ژانویه ינואר जनवरी
february feb februar février febrero febbraio fevereiro februari февраль февраля лютий лютого luty lutego
    şubat فبراير شباط فوریه פברואר फरवरी
march mar märz mars marzo março maart март марта березень березня marzec marca mart مارس آذار מרץ मार्च
april apr avril abril aprile апрель апреля квітень квітня kwiecień kwietnia nisan أبريل نيسان آوریل אפריל
    अप्रैل अप्रैल
may mai mayo maggio maio mei май мая травень травня maj maja mayıs مايو أيار מאי मई
june jun juni juin junio giugno junho июнь июня червень червня czerwiec czerwca haziran يونيو حزيران ژوئن יוני
    जून
july jul juli juillet julio luglio julho июль июля липень липня lipiec lipca temmuz يوليو تموز ژوئیه יולי
    जुलाई
august aug août agosto augustus август августа серпень серпня sierpień sierpnia ağustos أغسطس آب اوت אוגוסט
    अगस्त
september sep sept septembre septiembre settembre setembro сентябрь сентября вересень вересня wrzesień
    września eylül سبتمبر أيلول سپتامبر ספטמבר सितंबर सितम्बर
october oct oktober okt octobre octubre ottobre outubro октябрь октября жовтень жовтня październik
    października ekim أكتوبر اکتبر אוקטובר अक्टूबर
november nov novembre noviembre novembro ноябрь ноября листопад листопада listopad listopada kasım نوفمبر
    نوامبر נובמבר नवंबर नवम्बर
december dec dezember dez décembre diciembre dicembre dezembro декабрь декабря грудень грудня grudzień grudnia
    aralık ديسمبر دسامبر דצמבר दिसंबर दिसम्बर
"""

_NUMBERS = """
zero null cero zéro ноль нуль صفر शून्य sıfır
one eins un une uno una один одна одно واحد یک एक bir um uma jeden
two zwei deux dos due два две اثنان اثنين اثنتين دو दो iki dois duas dwa dwie
three drei trois tres tre три ثلاثة ثلاث سه तीन üç três trzy
four vier quatre cuatro quattro четыре أربعة أربع چهار चार dört quatro cztery
five fünf cinq cinco cinque vijf пять خمسة خمس پنج पाँच पांच beş pięć
six sechs seis sei zes шесть ستة ست شش छह छः altı sześć
seven sieben sept siete sette zeven семь سبعة سبع هفت सात yedi sete siedem
eight acht huit ocho otto восемь ثمانية ثماني هشت आठ sekiz oito osiem
nine neun neuf nueve nove negen девять تسعة تسع نه नौ dokuz dziewięć
ten zehn dix diez dieci tien десять عشرة عشر ده दस dez dziesięć
eleven elf onze once undici одиннадцать यारह ग्यारह jedenaście
twelve zwölf douze doce dodici twaalf двенадцать बारह oniki doze dwanaście
"""

_LARGE = """
hundred hundreds thousand thousands million millions billion billions dozen dozens half third quarter double twice
hundert hunderte tausend tausende million millionen milliarde milliarden dutzend hälfte drittel viertel
cent cents cents mille million millions milliard milliards douzaine moitié tiers quart
cien cientos mil miles millón millones docena mitad tercio cento centinaia mila milione milioni miliardo metà
centenas milhão milhões metade honderd duizend miljoen miljard helft hundra tusen miljon
сто сотни тысяч тысячи тысяча миллион миллиона миллионов миллиард миллиардов половина треть четверть сотень тисяч
мільйон
yüz bin milyon milyar yarısı εκατό χιλιάδες εκατομμύρια مئة مائة مئات ألف آلاف مليون ملايين مليار نصف ثلث ربع
صد صدها هزار هزاران میلیون میلیارد نیم نیمی מאה מאות אלף אלפים מיליון מיליארד חצי सौ सैकड़ों हज़ार हजार लाख करोड़ आधा
ratus ribu juta trăm nghìn triệu 백 천 만 억
"""

# Cutting at spaces is enough here: each is one word.
_NEGATIONS = """
not no never none nobody nothing neither nor without cannot cant dont doesnt didnt isnt arent wasnt werent
wont wouldnt couldnt shouldnt hasnt havent hadnt nicht kein keine keiner keinen keinem keines nie niemals
nichts ohne niemand weder ne pas jamais aucun aucune rien sans ni nunca jamás ningún ninguna ninguno nada sin
tampoco não nem nenhum nenhuma sem non mai nessun nessuno nessuna niente senza né niet geen nooit niets zonder
inte ingen inget aldrig ikke aldri nigdy żaden bez не нет ни никогда никто ничего без немає ніколи ні δεν μην
όχι ποτέ χωρίς değil yok hayır hiç لا لم لن ليس ليست ليسوا غير دون بدون نیست نبود نه هیچ نمی نیستند לא אין
אינו אינה בלי מעולם नहीं न मत बिना कभी না নয় নেই இல்லை ไม่ ไม่ได้ không chưa chẳng tidak bukan belum tanpa
soha nincs ei eivät ikinä fără هرگز نمیتواند نداشت ندارد نشد نکرد নয় নি নাই নন ਨਹੀਂ નથી नाही छैन కాదు లేదు ಇಲ್ಲ ഇല്ല
නැත չի չէ չեն չեմ չէր არ ვერ არასოდეս არასოდეს አይደለም የለም nije nisu nisam není nejsou nebyl nikdo nuk hapana نہیں няма
"""
# Denials in scripts without spaces, and suffixes that make a verb negative.
_PARTS = """
没 沒 不 未 無 无 非 ない なかっ ません ず、 않 없 아니 못하 못했 못한 못할 못합 ไม่ n't n’t
வில்லை ாமல் ாதது லేదు కాదు نميش نميك نميت نميخ نميد نمير نميگ
"""

# 不, 未, 無 and 非 stand in many words that deny nothing; frequent ones are let off.
_HARMLESS = """
不同 不仅 不僅 不断 不斷 不久 不少 不过 不過 不但 不管 不论 不論 不料 不幸 不得不 不安 不已 不止 不只 不禁 不妨
不例外 不可避免 差不多 好不容易 非常 非洲 南非 北非 非裔 非政府 非营利 非營利 莫非 除非 无论 無論 无数 無數 无线
無線 無料 無事 未来 未來 未満 未婚 未亡人 不動産 不动产 不景気 不思議
"""
# Words of denial in phrases that deny nothing.
HARMLESS_PHRASES: tuple[str, ...] = (
    "sin embargo", "no obstante", "no deja de", "no dejan de", "no sólo", "no solo", "no entanto", "não só",
    "não apenas", "sans doute", "non seulement", "no doubt", "not only", "nicht nur", "non solo", "non solamente",
    "не только", "не лише", "не тільки", "όχι μόνο", "ليس فقط", "نه تنها", "לא רק", "न केवल", "niet alleen", "nie tylko",
)  # fmt: skip
# Words of the list above that deny nothing in these languages.
FALSE_FRIENDS: Mapping[str, frozenset[str]] = {
    "pt": frozenset({"no"}), "gl": frozenset({"no"}), "it": frozenset({"ne"}), "tr": frozenset({"ne"}),
    "ca": frozenset({"ne"}), "ro": frozenset({"mai", "ne", "ni"}), "nl": frozenset({"pas"}), "de": frozenset({"no"}),
    "sv": frozenset({"sin"}), "da": frozenset({"sin"}), "nb": frozenset({"sin"}), "nn": frozenset({"sin"}),
    "no": frozenset({"sin"}), "fr": frozenset({"dont"}), "hr": frozenset({"mai"}), "et": frozenset({"ne"}),
}  # fmt: skip
# Languages that deny twice what is denied once: "no vino nadie".
DENY_TWICE: frozenset[str] = frozenset(
    {
        "es", "pt", "gl", "ca", "it", "ro", "fr", "ru", "uk", "be", "pl", "cs", "sk", "sl", "hr", "sr", "bs", "bg",
        "mk", "el", "hu", "lt", "lv", "fa", "sq", "he", "tr", "ka", "hy",
    }
)  # fmt: skip
# What denies without a word of denial: it stands for one when the other language has one.
_IMPLIED = """
refus reject den fail oppos oppon lack unlikel unable impossib ignor disregard avoid prevent unwill decline dismiss rul
ablehn weiger verweiger unmöglich unwahrschein gegner verhinder mangel fehl ignorier vermeid
refus rejet échou manqu impossib improbab oppos adversair ignor évit empêch nier nie
rechaz neg fall imposib improbab opon evit carec ausen recus rejeit impossív improváv falt
rifiut neg fallit mancan impossib improbab oppos evit weiger onmogelijk onwaarschijnlijk tegenstander ontbreek
отказ отверг отриц невозмож маловероят против игнор избег отсутств нежел неизвест
відмов відхил запереч неможлив малоймовір проти ігнор уник відсутн невідом
odmów odrzuc niemożliw przeciw ignor brak unik reddet imkansız karşı yoksun olmadan
رفض انكر نفي فشل تعذر استحال مستحيل تجاهل معارض عدم رد نكر تكذيب مخالف ناممكن ناديده محروم فاقد
סירב דחה הכחיש נכשל בלתי אפשרי מתנגד התעלם חסר היעדר इनकार इंकार विरोध असंभव अस्वीकार विफल अनदेखी अभाव खारिज
অস্বীকার প্রত্যাখ্যান অসম্ভব বিরোধ ব্যর্থ উপেক্ষা অভাব மறுத்த மறுப்பு நிராகரி எதிர்ப்ப முடியாது தவறி சாத்தியமற்ற
αρνήθ άρνηση απορρίπτ απέρριψ αδύνατ απίθαν αντίθετ αγνο έλλειψ menolak mustahil gagal mengabaikan menentang
từ chối phủ nhận bác bỏ
"""
_IMPLIED_PARTS = """
拒 否 反对 反對 缺 忽视 无视 無視 欠 失敗 失败 禁 거부 거절 부인 반대 무시 실패 부족 불가능
ปฏิเสธ คัดค้าน ล้มเหลว ขาด เพิกเฉย
"""


def _forms(words: str) -> Iterable[str]:
    return (fold(word) for word in words.split())


def _numbered(table: str, first: int) -> dict[str, int]:
    entries = table.strip("\n").replace("\n    ", " ").splitlines()
    return {form: number for number, words in enumerate(entries, start=first) for form in _forms(words)}


# What may stand for "1"; the articles that are a number word as well are in the list of those.
ARTICLES: Mapping[str, frozenset[str]] = {
    language: frozenset(_forms(words))
    for language, words in {
        "en": "a an", "de": "ein eine einem einen einer eines", "nl": "een", "el": "ένα μία μια ένας μιας ενός",
        "sv": "en ett", "da": "en et", "nb": "en et", "no": "en et",
    }.items()
}  # fmt: skip
MONTHS: Mapping[str, int] = _numbered(_MONTHS, 1)
NUMBER_WORDS: Mapping[str, int] = _numbered(_NUMBERS, 0)
LARGE_NUMBERS: frozenset[str] = frozenset(_forms(_LARGE))
NEGATIONS: frozenset[str] = frozenset(_forms(_NEGATIONS))
# Let off wherever they stand.
HARMLESS: tuple[str, ...] = tuple(_HARMLESS.split())
NEGATION_PARTS: tuple[str, ...] = tuple(_forms(_PARTS))
# Beginnings of words, and letters that may stand anywhere.
IMPLIED_DENIALS: tuple[str, ...] = tuple(sorted({form for form in _forms(_IMPLIED) if len(form) > 2}))
IMPLIED_PARTS: tuple[str, ...] = tuple(_forms(_IMPLIED_PARTS))
