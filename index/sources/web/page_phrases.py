"""What web pages say around a text, in many languages: whole lines only, compared without case and punctuation."""

from __future__ import annotations

import re

__all__ = ["CLOSING_HEADINGS", "COUNTERS", "FURNITURE", "RIGHTS", "SOURCE_LINE"]


def _phrases(table: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in table.splitlines() for phrase in line.split("|") if phrase.strip())


CLOSING_HEADINGS = _phrases(
    """
    check also|read also|also read|see also on this site|related articles|related posts|related news
    related stories|related content|related topics|you may also like|you might also like
    more from this author|more stories|most read|most popular|recommended for you|recommended|recent posts
    latest news|trending now|up next|read next|read more|share this|share this article|share this post
    leave a reply|leave a comment|post a comment|previous article|next article|about the author
    sign up for our newsletter|subscribe to our newsletter|join the conversation|اقرأ أيضا|اقرأ أيضًا
    إقرأ أيضا|اقرا ايضا|مقالات ذات صلة|مواضيع ذات صلة|أخبار ذات صلة|مواضيع مشابهة|شارك الخبر|شارك المقال
    شاهد أيضا|شاهد أيضاً|الأكثر قراءة|اترك تعليقا|اترك تعليقاً|قد يعجبك أيضا|تابعنا|مطالب مرتبط|اخبار مرتبط
    بیشتر بخوانید|همچنین بخوانید|متعلقہ خبریں|یہ بھی پڑھیں|כתבות נוספות|קראו גם|אולי יעניין אותך
    à lire aussi|lire aussi|articles similaires|articles liés|sur le même sujet|partager cet article
    laisser un commentaire|lea también|lee también|te puede interesar|artículos relacionados
    noticias relacionadas|entradas relacionadas|compartir|deja un comentario|deja una respuesta|leia também
    leia mais|artigos relacionados|notícias relacionadas|compartilhe|lesen sie auch|auch interessant
    das könnte sie auch interessieren|ähnliche artikel|ähnliche beiträge|mehr zum thema|artikel teilen
    schreibe einen kommentar|leggi anche|articoli correlati|potrebbe interessarti|lascia un commento
    lees ook|gerelateerde artikelen|czytaj także|czytaj też|zobacz także|zobacz też|polecane artykuły
    čtěte také|čtěte dále|читайте также|читать также|смотрите также|материалы по теме|похожие статьи
    поделиться|читайте також|дивіться також|прочетете още|bunları da okuyun|ilgili haberler|benzer haberler
    bunlar da ilginizi çekebilir|baca juga|artikel terkait|xem thêm|bài viết liên quan|tin liên quan
    相关阅读|相关文章|相关新闻|延伸阅读|推荐阅读|相關文章|相關新聞|延伸閱讀|関連記事|あわせて読みたい
    おすすめ記事|관련기사|관련 기사|추천 기사|यह भी पढ़ें|ये भी पढ़ें|संबंधित खबरें|আরও পড়ুন|อ่านเพิ่มเติม
    ข่าวที่เกี่ยวข้อง
    """
)
"""Lines that announce other texts: what follows them at the end of a page is not this text."""

FURNITURE = _phrases(
    """
    top of page|bottom of page|back to top|go to top|skip to content|skip to main content|skip to navigation
    menu|comments|comment|no comments|no comments yet|add a comment|write a comment|share|tweet|print
    print this page|email|facebook|twitter|whatsapp|telegram|linkedin|pinterest|copy link|follow us
    subscribe|log in|login|sign in|sign up|advertisement|advertisements|accept all cookies|accept cookies
    cookie settings|privacy policy|terms of use|contact us|تعليقات|التعليقات|لا توجد تعليقات|مشاركة|شارك
    طباعة|إعلان|اعلان|الانتقال إلى المحتوى|تسجيل الدخول|سياسة الخصوصية|نظرات|دیدگاه‌ها|چاپ|تبلیغات|תגובות
    שתף|הדפסה|פרסומת|commentaires|aucun commentaire|partager|imprimer|publicité|haut de page
    aller au contenu|comentarios|sin comentarios|imprimir|publicidad|ir al contenido|comentários|publicidade
    ir para o conteúdo|kommentare|keine kommentare|teilen|drucken|anzeige|werbung|nach oben
    zum inhalt springen|commenti|stampa|pubblicità|reacties|delen|afdrukken|komentarze|udostępnij|drukuj
    reklama|комментарии|нет комментариев|распечатать|реклама|коментарі|коментари|yorumlar|yorum yap|paylaş
    yazdır|reklam|komentar|bagikan|bình luận|chia sẻ|quảng cáo|评论|分享|打印|广告|返回顶部|評論|留言|列印
    廣告|コメント|シェア|印刷|広告|ページトップへ|댓글|공유|인쇄|광고|टिप्पणियाँ|शेयर करें|विज्ञापन
    """
)
"""Lines that are buttons, links and labels of a page."""

COUNTERS = re.compile(
    r"""(?:(?:\d[\d.,]*\s*[kKmM]?\s*
    (?:views?|comments?|likes?|shares?|reads?|reactions?|min(?:ute)?s?\s+read|vues?|commentaires?|vistas?|comentarios?
    |comentários|visualizações|aufrufe|kommentare?|visualizzazioni|commenti|просмотр\w*|комментари\w*|görüntülenme|yorum
    |مشاهدات|مشاهدة|تعليقات|تعليق|بازدید|نظر|צפיות|תגובות|次阅读|条评论|次瀏覽|則留言|回視聴|件のコメント|조회|댓글)
    \s*[·•|,/-]?\s*)+)""",
    re.VERBOSE | re.IGNORECASE,
)
"""`109 views0 comments` and its like, as the whole line."""

RIGHTS = re.compile(
    r"""(?:©|\(c\)\s*(?:19|20)\d\d|all\s+rights\s+reserved|copyright\s+(?:©|\(c\)|(?:19|20)\d\d)
    |جميع\s+الحقوق\s+محفوظة|كل\s+الحقوق\s+محفوظة|(?:تمامی|کلیه|تمام)\s+حقوق\s|כל\s+הזכויות\s+שמורות
    |tous\s+droits\s+réservés|(?:todos\s+los\s+)?derechos\s+reservados|todos\s+os\s+direitos\s+reservados
    |alle\s+rechte\s+vorbehalten|tutti\s+i\s+diritti\s+riservati|alle\s+rechten\s+voorbehouden
    |wszelkie\s+prawa\s+zastrzeżone|все\s+права\s+защищены|усі\s+права\s+захищен|всички\s+права\s+запазени
    |tüm\s+hakları\s+saklıdır|hak\s+cipta|版权所有|版權所有|無断転載|all\s+rights?\s+reserved|무단\s*전재|सर्वाधिकार\s+सुरक्षित)""",
    re.VERBOSE | re.IGNORECASE,
)
"""A notice of rights."""

SOURCE_LINE = re.compile(
    r"""[•·*\-–—|\s]*(?:source|via|quelle|fuente|fonte|kaynak|sumber|bron|źródło|источник|джерело|المصدر|منبع|מקור|来源|來源|出典|출처|स्रोत)
    \s*[:：]\s*(?P<name>\S.{0,60})""",
    re.VERBOSE | re.IGNORECASE,
)
"""`• source : Name`, as the whole line."""
