"""Languages: told right in many, never by chance, and always the same."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language import classifier
from index.language.classifier import shares
from index.language.codes import canonical
from index.language.identification import detect, detect_within, scripts_of_language
from index.language.scripts import script_of

TEXTS = {
    "en": "The two ministers agreed on Sunday to share what they know about factories.",
    "ar": "اتفق الوزيران يوم الأحد على تبادل الخبرات في مجال المصانع والإنتاج.",
    "fa": "دو وزیر روز یکشنبه توافق کردند که تجربه‌های خود را در این زمینه به اشتراک بگذارند.",
    "ur": "دونوں وزیروں نے اتوار کو اس بات پر اتفاق کیا کہ وہ اپنے تجربات بانٹیں گے۔",
    "de": "Die beiden Minister einigten sich am Sonntag darauf, ihre Erfahrungen zu teilen.",
    "fr": "Les deux ministres ont convenu dimanche de partager leur expérience des usines.",
    "es": "Los dos ministros acordaron el domingo compartir su experiencia en las fábricas.",
    "pt": "Os dois ministros concordaram no domingo em partilhar a sua experiência nas fábricas.",
    "it": "I due ministri hanno concordato domenica di condividere la loro esperienza.",
    "ru": "Оба министра договорились в воскресенье поделиться своим опытом.",
    "uk": "Обидва міністри домовилися в неділю поділитися своїм досвідом.",
    "pl": "Obaj ministrowie zgodzili się w niedzielę podzielić się swoimi doświadczeniami.",
    "tr": "İki bakan pazar günü deneyimlerini paylaşma konusunda anlaştı.",
    "zh": "两位部长星期日同意分享他们在工厂方面的经验。",
    "ja": "両大臣は日曜日に工場の経験を共有することで合意した。",
    "ko": "두 장관은 일요일에 경험을 나누기로 합의했다.",
    "th": "รัฐมนตรีทั้งสองตกลงกันเมื่อวันอาทิตย์",
    "hi": "दोनों मंत्रियों ने रविवार को अपने अनुभव साझा करने पर सहमति जताई।",
    "he": "שני השרים הסכימו ביום ראשון לחלוק את הניסיון שלהם.",
    "el": "Οι δύο υπουργοί συμφώνησαν την Κυριακή.",
    "sw": "Mawaziri hao wawili walikubaliana siku ya Jumapili kushirikiana katika viwanda.",
    "vi": "Hai bộ trưởng đã đồng ý vào Chủ nhật chia sẻ kinh nghiệm của họ.",
    "ckb": "هەردوو وەزیر ڕۆژی یەکشەممە ڕێککەوتن لەسەر ئەوەی ئەزموونەکانیان ئاڵوگۆڕ بکەن.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_detects(language):
    assert detect(TEXTS[language]) == language


def test_names_in_another_script_do_not_vote():
    assert detect(TEXTS["ar"] + " (Ministry of Defense, General Dynamics Corp., F-16)") == "ar"
    assert detect(TEXTS["en"] + " (" + TEXTS["ar"][:20] + ")") == "en"


@pytest.mark.parametrize("text", ["", " ", "12345", "10.5 %", "😀", "?!", "\x00", "\ud800", "OK", "\uffff"])
def test_what_tells_nothing_is_und(text):
    assert detect(text) == "und"


@given(st.text(max_size=200))
def test_any_text_has_an_answer_and_always_the_same(text):
    language = detect(text)
    assert language == detect(text) == canonical(language)
    assert len(script_of(text)) == 4


def test_canonical():
    codes = {
        "zh-Hant-TW": "zh",
        "EN_us": "en",
        "iw": "he",
        "nb-NO": "no",
        "prs": "fa",
        "zh-TW": "zh",
        "zho": "zh",
        "ENG": "en",
        "sh-Latn": "sr",
        "English": "und",
        "": "und",
        "x": "und",
        "12": "und",
    }
    assert {code: canonical(code) for code in codes} == codes


def test_a_part_follows_its_document_where_it_tells_little_itself():
    assert detect_within("Ja, gut.", "de") == "de"
    assert detect_within("2019", "de") == "und"
    assert detect_within(TEXTS["en"], "de") == "en"
    assert detect_within(TEXTS["ar"], "en") == "ar"
    assert detect_within("Ministar je rekao da će se vratiti u nedelju i da će sve biti dobro.", "hr") == "hr"


def test_scripts():
    assert script_of("工場の経験を共有") == "Kana"
    assert script_of("工场") == "Hani"
    assert script_of("123 ؟،") == "Zyyy"
    assert scripts_of_language("sr-RS") == ("Cyrl", "Latn")
    assert scripts_of_language("qqq") == ("Latn",)


def test_loading_and_telling_is_quick():
    code = (
        "import time; t = time.process_time(); from index.language.identification import detect;"
        "detect('Wer leitet das Amt?');"
        "s = time.process_time() - t; import sys; assert 'torch' not in sys.modules; sys.exit(0 if s < 2 else 1)"
    )
    detect("The tables of the classifier are unpacked once, which takes longer.")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
    text = TEXTS["fr"] * 8
    begun = time.process_time()
    for _ in range(200):
        detect(text)
    assert (time.process_time() - begun) / 200 < 0.02


def test_over_a_hundred_languages(bench_data):
    """NTREX-128: of files whose language the detector knows, nearly all paragraphs of five sentences are right."""
    pairs = "deu de fra fr tur tr swa sw tam ta urd ur kaz kk isl is amh am vie vi yor yo mya my ukr uk fas fa hun hu"
    known = dict(zip(pairs.split()[::2], pairs.split()[1::2], strict=True))
    for name, code in known.items():
        lines = (bench_data / "ntrex" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        found = [detect(" ".join(lines[at : at + 5])) for at in range(0, len(lines), 5)]
        assert found.count(code) / len(found) > 0.9, (name, found)


@pytest.mark.parametrize("text", ["Ada Brandt", "Peugeot 208", "EUR/USD", "Hmm", "Python 3.11 numpy"])
def test_a_name_tells_no_language(text):
    assert detect(text) == "und"


@pytest.mark.parametrize(
    ("question", "language"),
    [("What did Lady Gaga sing?", "en"),
     ("Où est le phare ?", "fr"), ("Chi ha costruito il ponte?", "it"), ("Quem construiu a ponte?", "pt"),
     ("On és la torre?", "ca"), ("Hvem byggede tårnet?", "da"), ("Kdo postavil věž?", "cs"),
     ("Кто построил мост?", "ru"), ("Хто збудував міст?", "uk"), ("Wie bouwde de toren?", "nl"),
     ("Nani alijenga mnara huu?", "sw"), ("برج را چه کسی ساخت؟", "fa"), ("ٹاور کس نے بنایا؟", "ur"),
     ("کێ ئەم تاوەرەی دروست کرد؟", "ckb")],
)  # fmt: skip
def test_a_short_question_tells_its_language(question, language):
    assert detect(question) == language


def test_the_classifier_tells_what_its_package_tells():
    """The tables are read here in a form of their own, so a new version of the package is caught when it changes it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    package = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    for text in (*TEXTS.values(), "OÙ EST LE PHARE"):
        ours = shares(text)
        for language, share in package.rank(text)[:5]:
            assert ours[language] == pytest.approx(share, abs=1e-4)


def test_kept_tables_tell_the_same_and_damaged_or_forbidden_ones_do_no_harm(tmp_path, monkeypatch):
    result = shares.__wrapped__(TEXTS["de"])
    monkeypatch.setenv("RAG_CACHE", str(tmp_path))
    for damage in (None, "cut", "forbidden"):
        if damage == "cut":
            (file,) = tmp_path.rglob("ptc.npy")
            file.write_bytes(file.read_bytes()[:1000])
        if damage == "forbidden":
            (tmp_path / "file").write_text("")
            monkeypatch.setenv("RAG_CACHE", str(tmp_path / "file"))
        classifier._tables.cache_clear()
        assert shares.__wrapped__(TEXTS["de"]) == result
    assert len(list((tmp_path / "languages").iterdir())) == 1
    classifier._tables.cache_clear()
