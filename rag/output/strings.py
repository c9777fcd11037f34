"""The few sentences that the assistant says itself, in the languages that it has; others get English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["refusal"]

# That the sources don't answer, and that the nearest passages follow.
_REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ar": ("لا تجيب المصادر عن هذا السؤال.", "أقرب المقاطع معروضة أدناه."),
        "bn": ("উৎসগুলিতে এই প্রশ্নের উত্তর নেই।", "সবচেয়ে কাছের অংশগুলি নিচে দেখানো হলো।"),
        "cs": ("Zdroje na tuto otázku neodpovídají.", "Nejbližší úryvky jsou uvedeny níže."),
        "de": ("Die Quellen beantworten diese Frage nicht.", "Die nächstliegenden Stellen stehen unten."),
        "el": ("Οι πηγές δεν απαντούν σε αυτή την ερώτηση.", "Τα πλησιέστερα αποσπάσματα εμφανίζονται παρακάτω."),
        "en": ("The sources don't answer this question.", "The nearest passages are shown below."),
        "es": ("Las fuentes no responden a esta pregunta.", "Abajo se muestran los pasajes más cercanos."),
        "fa": ("منابع به این پرسش پاسخ نمی‌دهند.", "نزدیک‌ترین بخش‌ها در زیر آمده است."),
        "fr": (
            "Les sources ne répondent pas à cette question.",
            "Les passages les plus proches sont affichés ci-dessous.",
        ),
        "he": ("המקורות אינם עונים על שאלה זו.", "הקטעים הקרובים ביותר מוצגים למטה."),
        "hi": ("स्रोतों में इस प्रश्न का उत्तर नहीं है।", "सबसे निकट के अंश नीचे दिखाए गए हैं।"),
        "id": ("Sumber tidak menjawab pertanyaan ini.", "Bagian yang paling dekat ditampilkan di bawah."),
        "it": ("Le fonti non rispondono a questa domanda.", "I passaggi più vicini sono mostrati qui sotto."),
        "ja": ("資料にはこの質問の答えがありません。", "最も近い箇所を下に示します。"),
        "ko": ("자료에 이 질문의 답이 없습니다.", "가장 가까운 부분을 아래에 보여 드립니다."),
        "nl": ("De bronnen beantwoorden deze vraag niet.", "De dichtstbijzijnde passages staan hieronder."),
        "pl": ("Źródła nie odpowiadają na to pytanie.", "Najbliższe fragmenty są pokazane poniżej."),
        "pt": ("As fontes não respondem a esta pergunta.", "Os trechos mais próximos estão abaixo."),
        "ru": ("Источники не отвечают на этот вопрос.", "Ближайшие фрагменты показаны ниже."),
        "sv": ("Källorna besvarar inte den här frågan.", "De närmaste avsnitten visas nedan."),
        "th": ("แหล่งข้อมูลไม่ได้ตอบคำถามนี้", "ข้อความที่ใกล้เคียงที่สุดแสดงอยู่ด้านล่าง"),
        "tr": ("Kaynaklar bu soruyu yanıtlamıyor.", "En yakın bölümler aşağıda gösteriliyor."),
        "uk": ("Джерела не відповідають на це запитання.", "Найближчі уривки показано нижче."),
        "ur": ("ذرائع میں اس سوال کا جواب نہیں ہے۔", "قریب ترین اقتباسات نیچے دکھائے گئے ہیں۔"),
        "vi": ("Các nguồn không trả lời câu hỏi này.", "Những đoạn gần nhất được hiển thị bên dưới."),
        "zh": ("资料没有回答这个问题。", "最接近的段落显示在下方。"),
    }
)


def refusal(language: str, *, shown: bool = True) -> str:
    """Return the sentence that says that the sources don't answer.

    Args:
        language: BCP 47 code; one that is not known gets English.
        shown: passages follow, and a second sentence says so.
    """
    written = _REFUSALS.get(language) or _REFUSALS.get(language.partition("-")[0].lower()) or _REFUSALS["en"]
    between = "" if written[0].endswith("。") else " "
    return between.join(written) if shown else written[0]
