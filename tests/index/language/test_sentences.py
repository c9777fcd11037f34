"""Sentences: every character in exactly one, and ends where readers of the language see them."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.language.sentences.abbreviations import learn
from index.language.sentences.linebreaks import hard_breaks
from index.language.sentences.splitting import sentences

MARKS = "。.!?؟।…\n\n  ,«»“”「」()-•😀e\u0301กคঅابgDR\u2029\r\x85\x00Z. é;།"


def split(text: str, language: str = "en") -> list[str]:
    return [" ".join(text[s.start : s.end].split()) for s in sentences(text, language)]


@given(
    st.one_of(st.text(max_size=300), st.text(alphabet=MARKS, max_size=300)),
    st.sampled_from(["en", "de", "ar", "el", "bo", "ja", "th", "und", "x-klingon", "☃", ""]),
)
@settings(max_examples=500, deadline=None)
def test_every_character_lies_in_exactly_one_sentence(text, language):
    found = sentences(text, language)
    assert found == sentences(text, language)
    at = 0
    for sentence in found:
        assert text[at : sentence.start].strip() == ""
        piece = text[sentence.start : sentence.end]
        assert piece == piece.strip() != ""
        at = sentence.end
    assert text[at:].strip() == ""


@pytest.mark.parametrize("before", ["", "😀 ", "𝒜𝒜 "])
def test_offsets_are_code_points_whatever_plane(before):
    text = f"{before}One is here. Two is here. 🏳️‍🌈 Three is here."
    assert split(text)[1] == "Two is here."


# Each list is a text joined by spaces: its items must come back as they are.
PARTS = {
    "en": [
        "Staff Lt. Gen. Omar Haddad met Maj. Gen. J. R. Smith on Dec. 10.",
        "It cost 3.5 million, e.g. for Mr. Brown.",
        "“It is done.”",
        "He left.",
        "“Is it?” she asked.",
        "The U.S. Navy came at 5 p.m. on Nov. 3.",
        "See No. 5 and p. 7.",
        "No.",
        "That was plan B.",
        "The town… has changed.",
    ],
    "de": [
        "Am 3. Oktober kam Dr. Weber, z. B. mit Hr. Maier.",
        "Im 19. Jahrhundert waren es 3.500 Mio. Euro.",
        "„Gut so.“",
        "Dann ging er nach Hause.",
    ],
    "fr": [
        "M. Durand est arrivé.",
        "Il a dit : « Bonjour. »",
        "Puis Mme Petit est partie.",
        "« Vraiment ! », dit-il.",
        "« Oui. »",
        "Et après ?",
    ],
    "es": ["El Sr. Pérez vive en EE. UU. desde 1990.", "¿Qué pasó?", "¡Nada!", "Ud. lo sabe."],
    "ru": ["А. С. Иванов жил в г. Казани.", "Это 5 млн. руб. и т. д. без налога.", "Потом он уехал."],
    "ar": ["هل وصل الوزير؟", "نعم.", "قال: «نحن مستعدون.»", "ثم غادر!"],
    "fa": ["آیا او آمد؟", "بله.", "او رفت."],
    "ur": ["یہ پہلا جملہ ہے۔", "یہ دوسرا ہے۔"],
    "bn": ["এটি প্রথম বাক্য।", "এটি দ্বিতীয়।"],
    "ja": ["これは文です。", "「そうだ。」と彼は言った。", "「元気？」", "次の文！"],
    "zh": ["今天很好。", "我们去吧！", "他说：“好。”", "价格是3.5元。"],
    "ko": ["오늘은 날씨가 좋습니다.", "“갈까요?”라고 물었다.", "네."],
    "km": ["សួស្តី។", "ខ្ញុំទៅ។"],
    "my": ["မင်္ဂလာပါ။", "သွားမယ်။"],
    "am": ["ሰላም።", "እንዴት ነህ፧", "ደህና፡፡", "ኤ. ሊንድ መጣ።"],
    "hy": ["Սա նախադասություն է։", "Սա երկրորդն է:", "Սա՝ երրորդը։"],
    "ka": ["ეს პირველი წინადადებაა.", "ეს მეორეა.", "2017 წელი იყო."],
    "el": ["Τι κάνεις;", "Είμαι καλά.", "Ο κ. Παππάς ήρθε."],
    "hi": ["मंत्री ने कहा कि यह सही है।", "डॉ. शर्मा ने पूछा?", "कीमत रु. 500 है।", "एम.पी. सिंह आए।"],
    "ne": ["मन्त्रीले सही भने।", "डा. शर्माले सोधे?", "हो।"],
    "mr": ["मंत्री म्हणाले.", "हे बरोबर आहे.", "नाही."],
    "ta": ["அமைச்சர் சரி என்றார்.", "திரு. குமார் பதிலளித்தார்."],
    "te": ["మంత్రి చెప్పారు.", "డా. రావు వచ్చారు.", "సరే."],
    "si": ["ඔබ දන්නවාද?", "ආචාර්ය එම්.පී. පෙරේරා පිළිතුරු දුන්නේය.", "ඔව්."],
    "vi": ["Bộ trưởng nói đúng.", "TS. Nguyễn Văn A trả lời.", "TP. Hồ Chí Minh rất lớn."],
    "uk": ["Міністр сказав так.", "Вул. Хрещатик, буд. 5.", "Далі."],
    "id": ["Harga Rp. 500 ribu.", "PT. Maju Jaya tutup."],
    "sw": ["Dkt. Juma alijibu.", "Bei ni sh. 500.", "Je, unajua?"],
    "bo": ["བཀྲ་ཤིས།", "བདེ་ལེགས།"],
    "pl": ["Dnia 3. maja prof. Nowak mówił o tym.", "Potem wyszedł."],
    "tr": ["Prof. Dr. Yılmaz 3. katta oturuyor.", "Sonra gitti."],
}


@pytest.mark.parametrize("language", PARTS)
def test_sentence_ends_by_language(language):
    parts = PARTS[language]
    glue = "" if language in ("ja", "zh") else " "
    assert split(glue.join(parts), language) == parts


def test_a_line_without_a_stop_is_a_sentence_of_its_own():
    text = (
        "The Title of It\nThe first line says this. And that.\n\n- one thing\n- another thing\n1. First\n2. Second\n• x"
    )
    assert split(text) == [
        "The Title of It", "The first line says this.", "And that.", "- one thing", "- another thing", "1. First",
        "2. Second", "• x",
    ]  # fmt: skip


def test_wrapped_lines_go_on_and_blank_lines_end():
    text = (
        "This paragraph was wrapped by an editor at seventy columns or so, and\nGerman nouns such as these can stand at"
        " the beginning of a new line.\nIt goes on with a second sentence whose length is enough to fill a\nLine again"
        "\n\nA blank line ends what has no stop"
    )
    assert [part[:10] for part in split(text)] == ["This parag", "It goes on", "A blank li"]


def test_two_titles_above_long_lines_are_not_taken_for_wrapping():
    title = "A headline of the usual length about something that happened today"
    text = f"{title}\n{title}\n{'The body is one long line. ' * 10}\n\nAnother."
    assert split(text)[:3] == [title, title, "The body is one long line."]


def test_a_hyphen_or_small_letter_joins_lines():
    assert split("Die Verhandlungen wurden gestern fort-\ngesetzt. Heute nicht.", "de")[1] == "Heute nicht."
    assert len(split("the agreement that was signed in the capital\nby both ministers")) == 1


def test_lines_with_leading_dots_are_sentences_of_their_own():
    lines = ["Introduction ........ 3", "Wells ............... 7", "Pumps . . . . . . . . 12"]
    assert split("\n".join([*lines, "It rained .... and then it cleared. So it was."])) == [
        *lines,
        "It rained .... and then it cleared.",
        "So it was.",
    ]


def test_hard_breaks_are_where_a_line_begins():
    text = "Title\r\n\r\nBody one.\n\n\n  Indented"
    assert [text[at:][:4] for at in hard_breaks(text)] == ["Body", "Inde"]


def test_the_text_itself_teaches_abbreviations():
    text = "Der Bez. wurde geteilt, der Bez. Nord blieb. Er war groß."
    assert learn("im Bez. wurde es laut, am Bez. aber nicht") == {"bez"}
    assert learn("er ging. danach kam er, und ging") == frozenset()
    assert split(text, "de") == ["Der Bez. wurde geteilt, der Bez. Nord blieb.", "Er war groß."]


def test_long_thai_text_is_divided_at_its_spaces_and_short_is_not():
    clause = "รัฐมนตรีทั้งสองประเทศตกลงกันว่าจะร่วมมือกันในหลายโครงการ"
    assert split(f"{clause} {clause}", "th") == [f"{clause} {clause}"]
    assert split(" ".join([clause] * 6), "th") == [f"{clause} {clause}"] * 3


def test_only_marks_stay_with_what_they_close():
    assert split('He said "go. "  Then he left.') == ['He said "go. "', "Then he left."]


HOSTILE = [
    *("a" * 500_000, "a. " * 150_000, "Dr. " * 100_000, "\n" * 500_000, " \n" * 250_000, "。「" * 150_000),
    *("x\n" * 40_000, "." * 500_000, '"' * 300_000, "😀. A" * 50_000, "e" + "\u0301" * 300_000, "» " * 150_000),
]


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:6]) for text in HOSTILE])
def test_hostile_text_is_quick(text):
    begun = time.process_time()
    sentences(text)
    assert time.process_time() - begun < 6


def test_normal_forms_give_the_same_sentences():
    text = "Él llegó. ¿Qué pasó? Nada más."
    assert len(split(unicodedata.normalize("NFD", text), "es")) == len(split(text, "es")) == 3
