"""Conversations over a real index: a follow-up gets what it asks for, small talk is not looked for."""

from __future__ import annotations

import pytest

import index
from rag.answering.followups.refocusing import already_shown
from rag.assistant import Assistant
from rag.config import AnswerConfig
from rag.question.offers import topic
from rag.question.small_talk import accepts, invitation, is_small_talk, offer
from rag.testing.doubles import FakeLLM
from rag.types import Answer, Turn

TEXTS = {
    "mill.md": "# Old mill\n\nThe mill of Torvik was built in 1794 by the carpenter Ada Brandt. Its wheel is nine"
    " metres high.\n\n## Visits\n\nThe mill is open from April to October. A ticket costs 4 euros for adults and"
    " 2 euros for pupils. Bicycles stay outside.\n\n## Flour\n\nIn 2012 the grindstones were replaced."
    " Rye is ground on Fridays.",
    "club.md": "# Minutes of the rowing club\n\nThe members chose Lena Obi as the new chairwoman. The yearly fee rises"
    " to 70 euros. The old boathouse is sold in spring.",
    "goats.md": "# Keeping goats\n\nA goat needs a dry stable. Goats eat three kilos of hay a day.\n\n## Milk\n\nGoats"
    " are milked twice a day. The cheese ripens for six weeks.",
}
OPEN, BUILT = "open from April to October", "built in 1794"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("talk")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    index.build([folder], index_dir=folder / "index")
    return Assistant(folder / "index")


def quotes(answer: Answer) -> list[str]:
    assert not answer.refused
    return [citation.quote for citation in answer.citations]


@pytest.mark.parametrize(
    ("first", "reply", "question"),
    [
        ("Who built the mill of Torvik?", "Ada Brandt [1].", "And when is it open?"),
        ("Wer hat die Mühle von Torvik gebaut?", "Ada Brandt [1].", "Und wann ist sie geöffnet?"),
        ("Qui a construit le moulin de Torvik ?", "Ada Brandt [1].", "Et quand est-il ouvert ?"),
        ("¿Quién construyó el molino de Torvik?", "Ada Brandt [1].", "¿Y cuándo está abierto?"),
        ("من بنى طاحونة تورفيك؟", "آدا براندت [1].", "ومتى تفتح للزوار؟"),
        ("谁建造了Torvik磨坊？", "Ada Brandt [1]。", "它什么时候开放？"),
        ("Кто построил мельницу Торвик?", "Ада Брандт [1].", "А когда она открыта?"),
        ("Torvik değirmenini kim yaptı?", "Ada Brandt [1].", "Peki ne zaman açık?"),
    ],
)
def test_another_property_is_answered_first(assistant: Assistant, first: str, reply: str, question: str) -> None:
    answer = assistant.answer(question, [Turn(first, reply)])
    assert OPEN in quotes(answer)[0]
    assert BUILT not in quotes(answer)[0]
    assert answer.standalone_question


@pytest.mark.parametrize(
    ("first", "reply", "question", "gold"),
    [
        ("When is the mill open?", f"The mill is {OPEN}. [1]", "And bicycles?", "Bicycles"),
        ("When is the mill open?", f"The mill is {OPEN}. [1]", "How high is its wheel?", "nine metres"),
        ("Who built the mill?", f"The mill of Torvik was {BUILT} by Ada Brandt. [1]", "When was it built?", BUILT),
        ("How much hay do goats eat?", "Three kilos a day [1].", "And the cheese?", "six weeks"),
        ("Who is the new chairwoman?", "Lena Obi [1].", "What did they decide about the boathouse?", "sold in spring"),
    ],
)
def test_what_was_shown_comes_last_but_is_not_lost(
    assistant: Assistant, first: str, reply: str, question: str, gold: str
) -> None:
    assert gold in quotes(assistant.answer(question, [Turn(first, reply)]))[0]


@pytest.mark.parametrize(
    ("question", "gold"),
    [
        ("Et combien coûte un billet pour les élèves ?", "2 euros"),
        ("And how much is the fee of the club?", "70"),
        ("Und wie oft werden Ziegen gemolken?", "twice a day"),
    ],
)
def test_a_question_with_its_own_subject_is_not_joined(assistant: Assistant, question: str, gold: str) -> None:
    answer = assistant.answer(question, [Turn("Who built the mill of Torvik?", "Ada Brandt [1].")])
    assert answer.standalone_question is None
    assert gold in answer.passages[0].passage.text  # whether the reader is sure of it is another matter


@pytest.mark.parametrize(
    "yes", ["Yes, please", "ok", "Sure, go ahead!", "Ja, gerne", "oui", "sí, por favor", "نعم", "好的", "да"]
)
def test_yes_means_what_was_offered(assistant: Assistant, yes: str) -> None:
    said = f"{OPEN.capitalize()} [1]. Do you want to know the ticket prices?\n\n[1] Old mill (mill.md): “…”"
    answer = assistant.answer(yes, [Turn("When is the mill open?", said)])
    assert "4 euros" in quotes(answer)[0]
    assert answer.standalone_question == "When is the mill open? The ticket prices?"


@pytest.mark.parametrize(
    ("offered", "about"),
    [
        ("Do you want to know the ticket prices?", "The ticket prices?"),
        ("Would you like me to tell you about the ticket prices?", "The ticket prices?"),
        ("Would you like to know how much a ticket costs?", "How much a ticket costs?"),
        ("Shall I tell you the ticket prices?", "The ticket prices?"),
        ("Are you interested in the ticket prices?", "The ticket prices?"),
        ("Möchten Sie auch die Eintrittspreise wissen?", "Die Eintrittspreise?"),
        ("Soll ich Ihnen die Eintrittspreise nennen?", "Die Eintrittspreise?"),
        ("Voulez-vous connaître le prix des billets ?", "Le prix des billets?"),
        ("¿Quiere saber el precio de las entradas?", "El precio de las entradas?"),
        ("Vuole sapere il prezzo dei biglietti?", "Il prezzo dei biglietti?"),
        ("Você gostaria de saber o preço dos bilhetes?", "O preço dos bilhetes?"),
        ("Wilt u ook de toegangsprijzen weten?", "De toegangsprijzen?"),
        ("Czy chcesz poznać ceny biletów?", "Ceny biletów?"),
        ("Хотите узнать цены на билеты?", "Цены на билеты?"),
        ("Чи хочете дізнатися про ціни на квитки?", "Ціни на квитки?"),
        ("Bilet fiyatlarını öğrenmek ister misiniz?", "Bilet fiyatlarını?"),
        ("هل تريد معرفة أسعار التذاكر؟", "أسعار التذاكر؟"),
        ("آیا می‌خواهید قیمت بلیت را بدانید؟", "قیمت بلیت؟"),
        ("האם תרצה לדעת את מחירי הכרטיסים?", "מחירי הכרטיסים?"),
        ("क्या आप टिकट की कीमत जानना चाहेंगे?", "टिकट की कीमत?"),
        ("您想知道票价吗？", "票价？"),
        ("チケットの料金を知りたいですか？", "チケットの料金？"),
        ("입장료를 알고 싶으세요?", "입장료?"),
        ("Apakah Anda ingin mengetahui harga tiket?", "Harga tiket?"),
        ("Bạn có muốn biết giá vé?", "Giá vé?"),
        ("Vill du veta biljettpriserna?", "Biljettpriserna?"),
        ("Is the mill high?", ""),
        ("Wer baute die Mühle?", ""),
        ("磨坊什么时候开放？", ""),
    ],
)
def test_an_offer_is_about_something(offered: str, about: str) -> None:
    assert topic(offered) == about


def test_an_offer_with_a_subject_of_its_own_stands_alone(assistant: Assistant) -> None:
    said = f"{OPEN.capitalize()} [1]. Would you like to know how often the goats of the farm are milked?"
    answer = assistant.answer("Yes", [Turn("When is the mill open?", said)])
    assert answer.standalone_question == "How often the goats of the farm are milked?"
    assert "twice a day" in quotes(answer)[0]


def test_no_or_yes_to_nothing_is_small_talk(assistant: Assistant) -> None:
    offered = [Turn("When is the mill open?", "In April [1]. Do you want to know the prices?")]
    assert assistant.answer("No, thanks", offered).citations == ()
    assert assistant.answer("Yes", [Turn("When is the mill open?", "In April [1].")]).citations == ()


SMALL = {
    "en": ["hello", "Hi!", "thanks", "Thank you very much.", "OK", "good morning", "hi, thanks", "Hey, how are you?"],
    "de": ["Hallo", "Guten Morgen!", "vielen Dank", "alles klar", "Tschüss"],
    "fr": ["Bonjour", "salut !", "merci beaucoup", "d'accord", "au revoir"],
    "es": ["¡Hola!", "buenos días", "muchas gracias", "vale"],
    "ru": ["Привет!", "здравствуйте", "спасибо", "хорошо"],
    "tr": ["Merhaba", "teşekkür ederim", "tamam"],
    "ar": ["مرحبا", "السلام عليكم", "شكرا", "شكراً جزيلاً"],
    "fa": ["درود", "ممنون", "باشه"],
    "he": ["שלום", "תודה רבה", "בסדר"],
    "zh": ["你好", "谢谢", "谢谢你！", "好的"],
}


@pytest.mark.parametrize(("language", "said"), [(code, said) for code, each in SMALL.items() for said in each])
def test_small_talk_gets_one_line_that_says_what_can_be_asked(assistant: Assistant, language: str, said: str) -> None:
    answer = assistant.answer(said)
    assert is_small_talk(said)
    assert not answer.refused
    assert (answer.citations, answer.passages, answer.standalone_question) == ((), (), None)
    assert "\n" not in answer.text
    assert "Old mill" in answer.text or "goats" in answer.text or "rowing" in answer.text
    assert answer.language == language


def test_small_talk_asks_no_model_and_is_no_subject(assistant: Assistant) -> None:
    model = FakeLLM("Something [1].")
    talk = Assistant(index=assistant._live, llm=model, config=AnswerConfig())
    history = [Turn("Who built the mill of Torvik?", "Ada Brandt [1]."), Turn("thanks", "You're welcome!")]
    assert talk.answer("hello", history).citations == ()
    assert model.asked == []
    answer = assistant.answer("And when is it open?", history)
    assert OPEN in quotes(answer)[0]
    assert "thanks" not in (answer.standalone_question or "")


def test_the_language_of_one_word_is_the_conversations(assistant: Assistant) -> None:
    answer = assistant.answer("ok", [Turn("Wer hat die Mühle von Torvik gebaut?", "Ada Brandt [1].")])
    assert answer.language == "de"


@pytest.mark.parametrize(
    "question",
    [
        "Who built it?", "hello world program", "Thanks, who built the mill?", "What is good?", "great wall",
        "please explain", "hi-fi", "Danke Mühle", "谢谢惠顾是什么", "no entry", "salut les copains album", "OK Torvik",
    ],
)  # fmt: skip
def test_a_question_is_no_small_talk(question: str) -> None:
    assert not is_small_talk(question)


def test_offers_and_acceptance() -> None:
    assert offer([]) is None
    assert offer([Turn("x", "It is open [1].")]) is None
    assert offer([Turn("x", "它开放 [1]。您想知道票价吗？")]) == "您想知道票价吗？"
    assert not accepts("Good morning")
    assert not accepts("no")
    assert accepts("yes thanks")


def test_a_title_can_be_no_marker() -> None:
    text, _ = invitation("hello", [], ["[1] Tower\nof 【2】", "b" * 500])
    assert "[" not in text and "【" not in text and "\n" not in text
    assert len(text) < 400


@pytest.mark.parametrize(
    ("sentence", "reply", "shown"),
    [
        ("The mill was built by Ada Brandt.", "Ada Brandt [1].", True),
        ("The mill was built by Ada Brandt.", "The mill was built by Ada Brandt. [1] It is high. [2]", True),
        ("The mill is open in May.", "Ada Brandt [1].", False),
        ("The mill is open in May.", "", False),
        ("", "x", False),
    ],
)
def test_what_was_shown_is_known(sentence: str, reply: str, shown: bool) -> None:
    assert already_shown(sentence, [Turn("Who?", reply)]) is shown
