"""What is asked for the pictures, in the four languages of the page that they show, and a table to ask about."""

__all__ = ["COMPARED", "LISTED", "QUESTIONS", "TABLE", "TABLED", "UNKNOWN"]

QUESTIONS = {
    "en": "Where is Factory 200 located?",
    "ar": "من هو المتحدث باسم الرئاسة المصرية؟",
    "zh": "埃及愿意在伊拉克建立什么？",
    "de": "Wer kommandiert die iranischen Landstreitkräfte?",
}
UNKNOWN = {
    "en": "Who won the 1998 World Cup?",
    "ar": "من فاز بكأس العالم عام 1998؟",
    "zh": "谁赢得了1998年世界杯？",
    "de": "Wer gewann die Weltmeisterschaft 1998?",
}
LISTED = {
    "en": "What documents do I have?",
    "ar": "ما هي المستندات الموجودة لدي؟",
    "zh": "我有哪些文档？",
    "de": "Welche Dokumente habe ich?",
}
COMPARED = {
    "en": "Compare the article about the Iraqi minister in Cairo and the one about Ashtiani",
    "ar": "قارن بين المقال عن رسالة الكاظمي إلى السيسي والمقال عن جولة سعدون في الهيئة العربية للتصنيع",
    "zh": "比较关于阿什蒂亚尼的文章和关于联合演习的文章",
    "de": "Vergleiche den arabischen Artikel mit dem über den Besuch von Saadoun bei der AOI",
}
TABLED = {
    "en": "Who are the keepers?",
    "ar": "من هم حراس المنارات؟",
    "zh": "灯塔看守人是谁？",
    "de": "Wer sind die Leuchtturmwärter?",
}
TABLE = """Lighthouse,Keeper,Built
Cape Orrin,Maren Solheim,1841
Dunmore Point,Tobias Achterberg,1867
Falk Skerry,Ingrid Vassdal,1852
Grey Mull,Ewan Strachan,1879
Hollow Bay,Petra Lindqvist,1890
Isle of Senn,Jonas Brandvold,1834
Kettle Rock,Aoife Kinsella,1901
Lorn Head,Cormac Delahunt,1856
Mewstone,Harriet Penrose,1822
North Tarn,Signe Aaltonen,1911
Oyster Ledge,Dirk Houtman,1888
Quill Reef,Lucía Barreiro,1873
"""
