"""Words by which a follow-up question is known, in the languages that are listed; folded as `words.fold` does."""

from __future__ import annotations

from index.language.words import fold

__all__ = [
    "COMMON",
    "CONNECTIVES",
    "CONTENT",
    "PERSONAL",
    "PLACING",
    "POINTERS",
    "UNSPACED_CONNECTIVES",
    "UNSPACED_POINTERS",
]

# A question that begins so goes on from the one before.
_CONNECTIVES = """
and but so then also or und aber oder dann auch et mais ou alors aussi y e pero o entonces también ed ma allora anche
mas
então também en maar of dan ook och men eller då også og så ve ama peki ya и а но или тогда также і але або та i a
ale lub
και αλλά ή و ولكن لكن أو ثم وماذا وأين ومتى ومن وكيف وكم ولماذا وفي وهل و اما یا پس אז אבל או और लेकिन तो या فر اور
لیکن
dan tetapi lalu và còn nhưng 그리고 그럼 그런데 és de si dar
"""
# Words that point back to something named before.
_POINTERS = """
he she it they him her them his hers its their theirs this that these those there such former latter same one ones
er sie es ihn ihm ihr ihnen sein seine seiner ihre ihrer dieser diese dieses jener dort davon dafür dazu darin
il elle ils elles lui leur leurs celui celle ceux ça cela ce cet cette ces là en
él ella ellos ellas ello le les lo su sus este esta esto ese esa eso aquel aquella allí ahí
lui lei loro esso essa questo questa quello quella lì ele ela eles elas seu sua isso isto esse essa aquele aquela ali
lá
hij zij ze hem haar hun deze dit dat die daar han hon den det de deras hans hennes där
он она оно они его её ее их ему ей им ним ней нем нём нее неё них этот эта это эти тот та те там
він вона воно вони його її їх цей ця це ці той там on ona ono oni jego jej ich tym tam ta te
αυτός αυτή αυτό αυτοί αυτές του της τους εκεί
هو هي هم هن هما هذا هذه هؤلاء ذلك تلك أولئك هناك له لها لهم فيه فيها منه منها عنه عنها به بها عليه عليها إليه إليها
او آن آنها این اینها آنجا ایشان وی اش הוא היא הם הן זה זו זאת אלה שם שלו שלה שלהם אותו אותה בו בה
वह वे यह ये उस इस उन इन उसका उसकी उसके उनका उनकी उनके इसका इसकी इसके इनका वहाँ वहां उसने उन्होंने उसे उन्हें इसे
इन्हें
o onu ona onun onlar onların bu bunu bunun şu orada orası dia ia mereka itu ini nya sana nó họ đó này ấy 그 그는 그녀
그것 이것 거기
"""
# Those of them that stand for somebody or something named earlier, and for nothing else.
_PERSONAL = """
he she they him them his hers theirs er ihm ihn ihnen seine seiner seinen ihre ihrer ihren sie daran davon dafür dazu
darin darüber damals él ella ellos ellas allí ahí lui lei loro ele ela eles elas seu sua hij zij haar hun
han hon hans hennes он она они его её ее их ему ей им ним ней него неё нее них він вона вони його її їх йому
on ona oni jego jej ich αυτός αυτή αυτοί αυτές له لها لهم فيها فيه منها منه عنها عنه إليها إليه عليها عليه
او آنها آن‌ها ایشان הוא היא הם הן שלו שלה שלהם אותו אותה वह वे उसने उन्होंने उसका उसकी उसके उनका उनकी उनके
mereka nó họ 그는 그녀
"""
# Question words and the like, which say nothing about the subject.
_COMMON = """
who whom whose what which when where why how is are was were be been being do does did has have had will would can
could
should may might must the a an of in on at to for from by with about as into than many much long old far often more
most
any some other else exactly tell me please did
wer wen wem wessen was welche welcher welches welchem welchen wann wo woher wohin warum wieso wie ist sind war waren
wird
wurde wurden hat haben hatte hatten kann der die das den dem des ein eine einer eines einem einen von in im am an auf
zu zum
zur für mit aus bei über viele viel lange
qui que quoi quel quelle quels quelles quand où pourquoi comment combien est sont était étaient a ont avait le la les
l un une
des du de d à au aux dans sur pour par avec
quién quiénes qué cuál cuáles cuándo dónde por porqué cómo cuánto cuántos cuántas es son era eran fue fueron ha han
el los las
un una unos unas del al en a con para sobre
chi che cosa quale quali quando dove perché come quanto quanti è sono era erano ha hanno il lo gli i la le uno di del
della
dei delle a al alla nel nella su per con da
quem o que qual quais onde como quanto quantos é são foi eram tem os as um uma do da dos das no na nos nas em para com
wie wat welke waar waarom hoe is zijn het een van op te voor met door bij vem vad vilken när var varför hur är som på
för med
кто кого кому чей что какой какая какое какие каком какой когда где куда откуда почему зачем как сколько был была
было были
есть в во на с со о об к ко из от до по для у за при ли бы же
хто що який яка яке які коли де чому як скільки був була було були у в на з про до
kto co jaki jaka jakie który która które kiedy gdzie dlaczego jak ile jest są był była było były w na z do od o
ποιος ποια ποιο πότε πού γιατί πώς πόσο είναι ήταν ο η το οι τα στο στη στην σε με από για
هو هي هم من ما ماذا متى أين كيف كم لماذا أي أية هل هي كان كانت كانوا في على إلى عن مع التي الذي قد عدد
کی چه که چی کجا چرا چگونه چطور چند کدام آیا است بود هست شد در به از با برای را های
מי מה מתי איפה היכן למה מדוע איך כיצד כמה איזה איזו האם היה היתה של את על עם אל
कौन क्या कब कहाँ कहां क्यों कैसे कितना कितने कितनी किस किसने किसका किसकी किसके है हैं था थे थी में पर से को का की के
ने लिए
kim ne nerede nereye nereden zaman neden niçin nasıl kaç hangi mi mı mu mü bir için ile da
kimdi kimdir kimin kime kimi nedir neydi nerededir neresi neresidir nasıldır kaçtır hangisi hangisidir hangileri daha
yok olan olanlar
siapa apa kapan mana dimana mengapa bagaimana berapa adalah di ke dari yang pada untuk
ai gì nào khi đâu sao bao nhiêu là ở tại của có được trong
누구 누가 무엇 언제 어디 어디서 왜 어떻게 몇 얼마나 어느
"""

# "What is in the table?" asks what a place holds: a word for what first, then one that says where.
_CONTENT = """
what whats was que qué cosa cos o wat vad hvad hva что що co τι ما ماذا چه מה क्या ne apa
"""
_PLACING = """
in on at inside under within im am auf in an unter dans sur sous en sobre bajo in nel nella nello nell nei nelle su sul
sulla em no na nos nas op i på inom в во на у під над w we na sob σε στο στη στην στον في على در روی ב על में पर içinde
üzerinde di dalam
"""

UNSPACED_CONNECTIVES = ("那", "那么", "那麼", "还有", "還有", "而", "それで", "では", "じゃあ", "そして", "แล้ว", "และ")
UNSPACED_POINTERS = (
    "他", "她", "它", "这个", "這個", "那个", "那個", "那里", "那裡", "其中", "该",
    "それ", "これ", "そこ", "彼", "その", "この", "เขา", "มัน", "นั้น", "ที่นั่น",
)  # fmt: skip

CONNECTIVES: frozenset[str] = frozenset(map(fold, _CONNECTIVES.split()))
COMMON: frozenset[str] = frozenset(map(fold, _COMMON.split()))
# A word that is an article or a preposition elsewhere ("to", "la") points to nothing for sure.
POINTERS: frozenset[str] = frozenset(map(fold, (_POINTERS + _PERSONAL).split())) - COMMON
CONTENT: frozenset[str] = frozenset(map(fold, _CONTENT.split()))
PLACING: frozenset[str] = frozenset(map(fold, _PLACING.split()))
PERSONAL: frozenset[str] = frozenset(map(fold, _PERSONAL.split())) - COMMON
