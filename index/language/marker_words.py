"""Words for a source in the languages that are listed, as models write them in markers and above lists of sources."""

from __future__ import annotations

from index.language.words import fold

__all__ = ["LIST_HEADINGS", "SOURCE_WORDS"]

# "[Source 1]"; words that number other things as well (figure, table, chapter, note) are none.
_SOURCE = """
source sources src doc docs document documents passage passages ref refs reference references citation citations cite
context contexts chunk chunks excerpt excerpts snippet snippets result evidence
quelle quellen dokument dokumente textstelle beleg belege auszug fundstelle
fuente fuentes documento documentos pasaje pasajes referencia referencias cita fragmento extracto
extrait extraits passage document référence références contexte
fonte fonti fontes riferimento riferimenti passo brano documenti trecho trechos referência referências passagem
bron bronnen passage verwijzing källa källor dokument kilde kilder lähde lähteet kildehenvisning
источник источники источника документ документы фрагмент отрывок ссылка
джерело джерела документ фрагмент уривок посилання
źródło źródła dokument fragment odnośnik zdroj zdroje dokument forrás források izvor izvori sursa surse
πηγή πηγές έγγραφο απόσπασμα kaynak kaynaklar belge belgeler
المصدر مصدر المصادر مصادر الوثيقة وثيقة المستند مستند المقطع مقطع المرجع مرجع
منبع منابع سند مرجع ماخذ مأخذ ذریعہ حوالہ
מקור מקורות מסמך קטע
स्रोत दस्तावेज़ दस्तावेज संदर्भ अंश উৎস নথি
来源 來源 资料 資料 文档 文件 文獻 文献 出处 出處 出典 参考 參考 引用 段落 ソース 文書 資料源
출처 문서 자료 참고 인용
nguồn tài+liệu trích+dẫn sumber dokumen rujukan แหล่งที่มา ที่มา เอกสาร แหล่งข้อมูล
"""
# Above a list of sources, beside the words for a source.
_HEADINGS = """
bibliography works+cited footnotes notes further+reading sources+used sources+cited cited+sources source+list
literatur quellenangaben quellenverzeichnis literaturverzeichnis fußnoten einzelnachweise
bibliografía notas bibliographie notes bibliografia note bibliografie literatuur fotnoter källförteckning
список+литературы использованные+источники примечания список+джерел примітки bibliografia przypisy
βιβλιογραφία kaynakça المراجع الهوامش قائمة+المصادر کتابشناسی پانویس ביבליוגרפיה הערות संदर्भ+सूची
参考文献 參考文獻 参考资料 參考資料 参考来源 引用文献 脚注 注释 참고문헌 참고+문헌 참고+자료 각주
tài+liệu+tham+khảo daftar+pustaka referensi catatan+kaki อ้างอิง แหล่งอ้างอิง บรรณานุกรม
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(word.replace("+", " ")) for word in text.split())


SOURCE_WORDS: frozenset[str] = _words(_SOURCE)
LIST_HEADINGS: frozenset[str] = SOURCE_WORDS | _words(_HEADINGS)
