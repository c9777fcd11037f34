"""Greetings, thanks and the like in the languages that are listed, and what is said back.

They are compared folded, as `index.language.words.fold` does. A language's phrases are separated by commas. In scripts
without spaces they may follow each other directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["AGREEMENTS", "COURTESIES", "FILLERS", "GREETINGS", "INVITATIONS", "REFUSALS", "THANKS"]

GREETINGS: Mapping[str, str] = MappingProxyType(
    {
        "en": "hello, hi, hey, hiya, howdy, greetings, good morning, good afternoon, good evening, good day, "
        "hello there,"
        " hi there, how are you, how are you doing, how is it going, nice to meet you",
        "de": "hallo, guten morgen, guten tag, guten abend, moin, servus, grüß gott, grüezi, wie geht es dir,"
        " wie geht es ihnen, wie geht's, hallöchen",
        "fr": "bonjour, salut, bonsoir, coucou, comment ça va, ça va, comment allez vous, comment vas tu",
        "es": "hola, buenos días, buenas tardes, buenas noches, buenas, qué tal, cómo estás, cómo está usted",
        "it": "ciao, salve, buongiorno, buon giorno, buonasera, come stai, come va",
        "pt": "olá, oi, bom dia, boa tarde, boa noite, tudo bem, como vai",
        "nl": "hoi, goedemorgen, goedemiddag, goedenavond, goedendag, hoe gaat het",
        "pl": "cześć, dzień dobry, dobry wieczór, hej, witam, witaj, jak się masz",
        "ru": "привет, здравствуйте, здравствуй, добрый день, доброе утро, добрый вечер, приветствую, как дела, хай",
        "uk": "привіт, вітаю, добрий день, доброго дня, доброго ранку, добрий вечір, як справи",
        "tr": "merhaba, selam, günaydın, iyi günler, iyi akşamlar, selamünaleyküm, nasılsın, nasılsınız",
        "ar": "مرحبا, مرحباً, أهلا, أهلاً, أهلا وسهلا, السلام عليكم, صباح الخير, مساء الخير, كيف حالك, "
        "كيف الحال, هاي, سلام",
        "fa": "سلام, درود, صبح بخیر, عصر بخیر, روز بخیر, شب بخیر, حال شما چطور است, چطوری, خوبی",
        "he": "שלום, היי, הי, בוקר טוב, ערב טוב, צהריים טובים, מה שלומך, מה נשמע, אהלן",
        "hi": "नमस्ते, नमस्कार, हैलो, हेलो, सुप्रभात, आप कैसे हैं, कैसे हो",
        "zh": "你好, 您好, 大家好, 早上好, 早安, 下午好, 晚上好, 晚安, 嗨, 哈喽, 哈囉, 你好吗, 您好吗, 你好嗎",
        "ja": "こんにちは, こんばんは, おはよう, おはようございます, やあ, はじめまして, お元気ですか",
        "ko": "안녕, 안녕하세요, 안녕하십니까, 반갑습니다",
        "id": "halo, hai, selamat pagi, selamat siang, selamat sore, selamat malam, apa kabar",
        "vi": "xin chào, chào, chào bạn, bạn khỏe không",
        "sv": "hej, hejsan, god morgon, god kväll, hej hej",
    }
)
THANKS: Mapping[str, str] = MappingProxyType(
    {
        "en": "thanks, thank you, thank you so much, thank you very much, thanks a lot, many thanks, thx, ty, "
        "cheers, bye,"
        " goodbye, see you, see you later, well done, perfect, great, awesome, cool, good job, that helps",
        "de": "danke, danke schön, dankeschön, vielen dank, danke sehr, herzlichen dank, besten dank, tschüss, ciao,"
        " auf wiedersehen, bis bald, super, perfekt, prima, toll",
        "fr": "merci, merci beaucoup, merci bien, mille mercis, je vous remercie, au revoir, à bientôt, "
        "parfait, super,"
        " génial, très bien",
        "es": "gracias, muchas gracias, mil gracias, muchísimas gracias, te lo agradezco, adiós, hasta luego, "
        "perfecto,"
        " genial, muy bien",
        "it": "grazie, grazie mille, molte grazie, arrivederci, perfetto, ottimo",
        "pt": "obrigado, obrigada, muito obrigado, muito obrigada, valeu, tchau, até logo, perfeito, ótimo",
        "nl": "bedankt, dank je, dank je wel, dank u, dank u wel, dankjewel, tot ziens, doei, prima",
        "pl": "dziękuję, dzięki, dziękuję bardzo, wielkie dzięki, do widzenia, świetnie, super",
        "ru": "спасибо, большое спасибо, спасибо большое, благодарю, благодарю вас, пока, до свидания, "
        "отлично, супер,"
        " хорошо спасибо, класс",
        "uk": "дякую, щиро дякую, дуже дякую, спасибі, до побачення, чудово",
        "tr": "teşekkürler, teşekkür ederim, çok teşekkürler, çok teşekkür ederim, sağ ol, sağol, sağ olun, eyvallah,"
        " hoşça kal, görüşürüz, harika, mükemmel, süper",
        "ar": "شكرا, شكراً, شكرا جزيلا, شكراً جزيلاً, شكرا لك, شكرا لكم, مشكور, متشكر, أشكرك, جزاك الله خيرا, "
        "مع السلامة,"
        " وداعا, إلى اللقاء, ممتاز, رائع",
        "fa": "ممنون, ممنونم, متشکرم, مرسی, سپاس, سپاسگزارم, خیلی ممنون, با تشکر, خداحافظ, عالی, عالیه, دستت درد نکنه",
        "he": "תודה, תודה רבה, המון תודה, תודה לך, להתראות, ביי, מעולה, מצוין, אחלה",
        "hi": "धन्यवाद, शुक्रिया, बहुत धन्यवाद, बहुत बहुत धन्यवाद, थैंक्यू, अलविदा, बढ़िया",
        "zh": "谢谢, 谢谢你, 谢谢您, 多谢, 感谢, 非常感谢, 太感谢了, 謝謝, 謝謝你, 多謝, 再见, 再見, 拜拜, "
        "太好了, 很好, 太棒了",
        "ja": "ありがとう, ありがとうございます, ありがとうございました, どうも, どうもありがとう, さようなら",
        "ko": "고마워, 고마워요, 감사합니다, 고맙습니다, 안녕히 계세요, 잘 가",
        "id": "terima kasih, makasih, terima kasih banyak, sampai jumpa",
        "vi": "cảm ơn, cám ơn, cảm ơn bạn, cảm ơn nhiều, tạm biệt",
        "sv": "tack, tack så mycket, stort tack, hej då",
    }
)
# Said in agreement. Behind an offer they accept it; else there is nothing to look for.
AGREEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "en": "ok, okay, okey, k, yes, yeah, yep, yup, sure, of course, yes please, please, please do, "
        "go ahead, alright,"
        " all right, i see, got it, understood, fine, good, absolutely, definitely, certainly, i would, "
        "i do, why not,"
        " do it, tell me, sounds good, yes i would, yes i do, that would be great",
        "de": "ok, okay, ja, ja bitte, ja gerne, ja gern, gerne, gern, klar, na klar, natürlich, bitte, "
        "sicher, jawohl, jo,"
        " alles klar, verstanden, gut, in ordnung, jep, auf jeden fall, mach das, unbedingt",
        "fr": "ok, d'accord, oui, ouais, oui s'il vous plaît, oui s'il te plaît, s'il vous plaît, bien sûr, "
        "volontiers,"
        " avec plaisir, entendu, vas y, allez y, compris, certainement, oui merci, je veux bien",
        "es": "ok, vale, sí, sí por favor, por favor, claro, claro que sí, por supuesto, de acuerdo, "
        "adelante, entendido,"
        " bueno, desde luego, me gustaría",
        "it": "ok, va bene, sì, sì grazie, sì per favore, certo, certamente, d'accordo, volentieri, capito, prego",
        "pt": "ok, sim, sim por favor, claro, com certeza, por favor, tá bom, está bem, entendi, pode ser",
        "nl": "ok, oké, ja, ja graag, graag, natuurlijk, prima, is goed, begrepen",
        "pl": "ok, tak, tak proszę, proszę, jasne, oczywiście, dobrze, chętnie, rozumiem",
        "ru": "ок, окей, ладно, да, да пожалуйста, пожалуйста, конечно, хорошо, понятно, ага, давай, давайте, ясно,"
        " разумеется, с удовольствием, понял, поняла",
        "uk": "ок, так, так будь ласка, будь ласка, звичайно, добре, зрозуміло, гаразд, давай",
        "tr": "tamam, evet, evet lütfen, lütfen, tabii, tabii ki, olur, elbette, peki, anladım, anlaşıldı, isterim, ok",
        "ar": "حسنا, حسناً, نعم, نعم من فضلك, من فضلك, أجل, بالتأكيد, بالطبع, طبعا, طيب, تمام, أوكي, اوكي, "
        "موافق, ماشي,"
        " فهمت, نعم رجاء, أيوه, لو سمحت",
        "fa": "باشه, بله, بله لطفا, لطفا, آره, حتما, البته, خوب, خب, اوکی, فهمیدم, بلی, چشم",
        "he": "בסדר, כן, כן בבקשה, בבקשה, בטח, כמובן, אוקיי, אוקי, סבבה, הבנתי, בוודאי, ברור, יאללה",
        "hi": "ठीक है, हाँ, हां, जी, जी हाँ, जी हां, हाँ कृपया, कृपया, ज़रूर, जरूर, बिल्कुल, ओके, अच्छा, समझ गया",
        "zh": "好, 好的, 好吧, 行, 可以, 是, 是的, 对, 對, 嗯, 要, 当然, 當然, 没问题, 沒問題, 请, 請, 好啊, "
        "知道了, 明白, 明白了, 需要, 想",
        "ja": "はい, ええ, うん, お願いします, はいお願いします, もちろん, わかりました, 了解, 了解です, "
        "オーケー, そうですね, ぜひ",
        "ko": "네, 예, 응, 좋아요, 좋습니다, 네 부탁합니다, 부탁해요, 물론이죠, 알겠습니다, 알겠어요, 그래요, 오케이",
        "id": "ok, oke, ya, ya tolong, tolong, tentu, tentu saja, baik, baiklah, boleh, silakan",
        "vi": "ok, được, vâng, dạ, có, đồng ý, làm ơn, tất nhiên, được rồi, vâng làm ơn, hiểu rồi",
        "sv": "ok, okej, ja, ja tack, gärna, visst, självklart, javisst, bra",
    }
)
REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "en": "no, nope, no thanks, no thank you, not now, never mind, nothing, that's all, that is all",
        "de": "nein, nein danke, nee, nö, schon gut, das war's, das ist alles, nichts",
        "fr": "non, non merci, ça ira, c'est tout, rien, pas maintenant",
        "es": "no, no gracias, nada, nada más, eso es todo, ahora no",
        "it": "no, no grazie, niente, è tutto",
        "pt": "não, não obrigado, não obrigada, nada, é tudo, só isso",
        "nl": "nee, nee dank je, nee bedankt, niets",
        "pl": "nie, nie dziękuję, nic, to wszystko",
        "ru": "нет, нет спасибо, не надо, не нужно, ничего, это всё, это все",
        "uk": "ні, ні дякую, не треба, нічого, це все",
        "tr": "hayır, hayır teşekkürler, yok, gerek yok, hayır sağ ol, bu kadar",
        "ar": "لا, لا شكرا, لا شكراً, كلا, لا أريد, لا شيء, هذا كل شيء",
        "fa": "نه, نه ممنون, خیر, نه مرسی, هیچ, همین",
        "he": "לא, לא תודה, אין צורך, זה הכל, כלום",
        "hi": "नहीं, नहीं धन्यवाद, जी नहीं, कुछ नहीं, बस",
        "zh": "不, 不用, 不用了, 不要, 不是, 没有了, 不用谢, 不需要, 算了, 没事, 沒事",
        "ja": "いいえ, いえ, 結構です, いいえ結構です, 大丈夫です, いらない",
        "ko": "아니요, 아니오, 아뇨, 아니, 괜찮아요, 괜찮습니다",
        "id": "tidak, tidak terima kasih, tidak perlu",
        "vi": "không, không cảm ơn, không cần",
        "sv": "nej, nej tack, inget",
    }
)
# Words that may stand beside any of these.
FILLERS = (
    "there, all, everyone, everybody, friend, again, so much, very much, a lot, then, for now, "
    "for your help, assistant,"
    " well, oh, and, und, et, y, e, и, و, ve, dir, ihnen, euch, zusammen, sehr, doch, alle, "
    "beaucoup, bien, à tous, amigo,"
    " a todos, mucho, всем, очень, большое, çok, جدا, جداً, خیلی, רבה, मित्र, 啊, 呀, 哦, 噢, 呢, 了, 吧, ね, 요"
)
COURTESIES: tuple[Mapping[str, str], ...] = (GREETINGS, THANKS, AGREEMENTS, REFUSALS)

# What is answered: to a greeting, to anything else, and what can be asked; the last with titles of documents.
INVITATIONS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "en": (
            "Hello!",
            "You're welcome!",
            "Ask me anything about your documents, in any language.",
            "Ask me anything about your documents, in any language, for example about {titles}.",
        ),
        "de": (
            "Hallo!",
            "Gern!",
            "Fragen Sie mich etwas zu Ihren Dokumenten, in jeder Sprache.",
            "Fragen Sie mich etwas zu Ihren Dokumenten, in jeder Sprache, zum Beispiel über {titles}.",
        ),
        "fr": (
            "Bonjour !",
            "Avec plaisir !",
            "Posez-moi une question sur vos documents, dans n'importe quelle langue.",
            "Posez-moi une question sur vos documents, dans n'importe quelle langue, par exemple sur {titles}.",
        ),
        "es": (
            "¡Hola!",
            "¡De nada!",
            "Pregúnteme lo que quiera sobre sus documentos, en cualquier idioma.",
            "Pregúnteme lo que quiera sobre sus documentos, en cualquier idioma, por ejemplo sobre {titles}.",
        ),
        "it": (
            "Ciao!",
            "Prego!",
            "Mi chieda qualcosa sui suoi documenti, in qualsiasi lingua.",
            "Mi chieda qualcosa sui suoi documenti, in qualsiasi lingua, per esempio su {titles}.",
        ),
        "pt": (
            "Olá!",
            "De nada!",
            "Pergunte-me algo sobre os seus documentos, em qualquer língua.",
            "Pergunte-me algo sobre os seus documentos, em qualquer língua, por exemplo sobre {titles}.",
        ),
        "nl": (
            "Hallo!",
            "Graag gedaan!",
            "Vraag me iets over uw documenten, in elke taal.",
            "Vraag me iets over uw documenten, in elke taal, bijvoorbeeld over {titles}.",
        ),
        "pl": (
            "Dzień dobry!",
            "Proszę bardzo!",
            "Zapytaj mnie o swoje dokumenty, w dowolnym języku.",
            "Zapytaj mnie o swoje dokumenty, w dowolnym języku, na przykład o {titles}.",
        ),
        "ru": (
            "Здравствуйте!",
            "Пожалуйста!",
            "Спросите меня о ваших документах на любом языке.",
            "Спросите меня о ваших документах на любом языке, например о {titles}.",
        ),
        "uk": (
            "Вітаю!",
            "Будь ласка!",
            "Запитайте мене про ваші документи будь-якою мовою.",
            "Запитайте мене про ваші документи будь-якою мовою, наприклад про {titles}.",
        ),
        "tr": (
            "Merhaba!",
            "Rica ederim!",
            "Belgeleriniz hakkında istediğiniz dilde soru sorabilirsiniz.",
            "Belgeleriniz hakkında istediğiniz dilde soru sorabilirsiniz, örneğin {titles} hakkında.",
        ),
        "ar": (
            "مرحبًا!",
            "على الرحب والسعة!",
            "اسألني عن أي شيء في مستنداتك، بأي لغة.",
            "اسألني عن أي شيء في مستنداتك، بأي لغة، مثلًا عن {titles}.",
        ),
        "fa": (
            "سلام!",
            "خواهش می‌کنم!",
            "هر پرسشی دربارهٔ اسنادتان دارید، به هر زبانی بپرسید.",
            "هر پرسشی دربارهٔ اسنادتان دارید، به هر زبانی بپرسید؛ برای نمونه دربارهٔ {titles}.",
        ),
        "he": (
            "שלום!",
            "בשמחה!",
            "אפשר לשאול אותי כל דבר על המסמכים שלך, בכל שפה.",
            "אפשר לשאול אותי כל דבר על המסמכים שלך, בכל שפה, למשל על {titles}.",
        ),
        "hi": (
            "नमस्ते!",
            "आपका स्वागत है!",
            "अपने दस्तावेज़ों के बारे में किसी भी भाषा में पूछें।",
            "अपने दस्तावेज़ों के बारे में किसी भी भाषा में पूछें, जैसे {titles} के बारे में।",
        ),
        "zh": (
            "你好！",
            "不客气！",
            "您可以用任何语言询问您的文档。",
            "您可以用任何语言询问您的文档，例如关于{titles}。",
        ),
        "ja": (
            "こんにちは！",
            "どういたしまして！",
            "文書について、どの言語でも質問できます。",
            "文書について、どの言語でも質問できます。たとえば{titles}について。",
        ),
        "ko": (
            "안녕하세요!",
            "천만에요!",
            "문서에 대해 어떤 언어로든 물어보세요.",
            "문서에 대해 어떤 언어로든 물어보세요. 예를 들어 {titles}에 대해서요.",
        ),
        "id": (
            "Halo!",
            "Sama-sama!",
            "Tanyakan apa saja tentang dokumen Anda, dalam bahasa apa pun.",
            "Tanyakan apa saja tentang dokumen Anda, dalam bahasa apa pun, misalnya tentang {titles}.",
        ),
        "vi": (
            "Xin chào!",
            "Không có gì!",
            "Hãy hỏi tôi về tài liệu của bạn, bằng bất kỳ ngôn ngữ nào.",
            "Hãy hỏi tôi về tài liệu của bạn, bằng bất kỳ ngôn ngữ nào, ví dụ về {titles}.",
        ),
        "sv": (
            "Hej!",
            "Varsågod!",
            "Fråga mig om dina dokument, på vilket språk som helst.",
            "Fråga mig om dina dokument, på vilket språk som helst, till exempel om {titles}.",
        ),
    }
)
