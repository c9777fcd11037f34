"""The fields of a language file (`index/language/data/*.toml`): how each is written, and what it is for.

A list is one text with commas between its entries, patterns (regular expressions) stand one a line. Both are literal
strings of TOML, which are read without looking at every letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

__all__ = ["FIELDS", "KINDS", "FlagField", "Kind", "ListField", "NumberField", "PatternField", "TextField"]

Kind: TypeAlias = Literal["text", "list", "numbers", "patterns", "flag", "order"]

ListField: TypeAlias = Literal[
    "aliases", "scripts", "alone_in", "assumed_in", "alike", "own_letters",
    "titles", "abbreviations", "before_numbers", "openers",
    "large_numbers", "percent", "currencies", "own_currency", "articles", "and_words", "and_prefixes", "prefixes",
    "article_prefixes", "family_names", "before_nouns",
    "date_particles", "date_endings", "year_signs", "month_signs", "day_signs", "afternoon",
    "denials", "denial_parts", "false_denials", "harmless_denials", "implied_denials", "implied_denial_parts",
    "saints", "name_prepositions", "name_particles", "name_prefixes",
    "asking", "deciding", "deciding_anywhere", "verb_first", "subject_first", "or_words",
    "counting", "which", "year", "naming", "reasons", "about",
    "further", "content", "placing", "connectives", "pointers", "pointer_endings", "connective_prefixes", "personal",
    "common",
    "greetings", "thanks", "agreements", "refusals", "fillers",
    "closing_headings", "furniture", "reference_headings", "title_words", "title_columns", "text_columns",
    "grammar_signs",
    "writing", "sending", "receiving", "messages", "asking_when", "asking_who", "asking_whom", "towards", "out_of",
    "towards_prefixes", "about_files", "parts", "part_prefixes", "part_verbs", "author_labels", "recipient_labels",
    "date_labels", "beside_another", "text_kinds", "sources", "list_headings", "page_words", "answer_keys",
]  # fmt: skip
NumberField: TypeAlias = Literal["months", "numbers", "short_magnitudes", "ago"]
PatternField: TypeAlias = Literal[
    "source_labels", "keyword_labels", "counters", "rights", "source_keys", "thinking", "courtesies", "offer_heads",
    "offer_tails", "day_endings", "raised_endings", "counted", "dated", "speech_tags", "code_styles", "file_prefixes",
    "dative_endings", "comparing", "summing_up", "subject_asked", "deciding_forms",
]  # fmt: skip
FlagField: TypeAlias = Literal["denies_twice", "capital_nouns", "ordinals", "inflected_months", "glued_endings"]
TextField: TypeAlias = Literal[
    "code", "name", "ocr", "ends", "calendar",
    "refusal", "nearest", "ours", "agree", "differ", "in_source", "speaks_of", "missing", "reword", "unfiltered",
    "hello", "welcome", "invitation", "invitation_naming",
    "documents", "more", "newest", "since", "none_since", "undated", "languages", "topics", "summary", "which_meant",
    "dates", "undated_text",
]  # fmt: skip

# By section ("" stands above all of them): name, kind, what it is.
_TABLE = """
| code | text | BCP 47 code, the name of the file
| name | text | English name
| aliases | list | other codes by which programs call it, where CLDR has none of them
| precedence | order | of languages that write a thing alike the lowest is taken first; without a number, last
| scripts | list | ISO 15924 codes of its scripts, the most usual first
| alone_in | list | scripts that are taken for it without a look at the words
| assumed_in | list | scripts in which an undecided text is taken for it
| own_letters | list | letters that no other language in its script has
| alike | list | languages so near that a short text tells them badly apart
| ocr | text | Tesseract's name of its model
| denies_twice | flag | one denial is said by two words of denial
| capital_nouns | flag | nouns begin with a capital letter
| ordinals | flag | a number with a full stop is an ordinal
| inflected_months | flag | names of months have other endings within a sentence
| glued_endings | flag | "in" is written as an ending
| calendar | text | ICU's name of the solar calendar in which its texts tell dates beside the Gregorian one
| ends | text | pattern of ends of sentences that Unicode doesn't know
sentences | titles | list | abbreviations before names
sentences | abbreviations | list | those that may also end a sentence
sentences | before_numbers | list | those that are one only before a number
sentences | openers | list | words that open sentences
sentences | speech_tags | patterns | how words begin that belong to the quote before them, without spaces between words
facts | ago | numbers | words that say when, by how many days back that begins: today, yesterday, week, month
facts | months | numbers | names of months, where they differ from ICU's or are needed without it
facts | numbers | numbers | words for 0 to 12
facts | large_numbers | list | words for larger numbers and shares
facts | short_magnitudes | numbers | short forms of powers of ten, with the power
facts | percent | list | words for percent
facts | currencies | list | code and name of a currency whose name says in every text which it is: `EUR евро`
facts | own_currency | list | the same where it does so in this language: `RUB рубль`
facts | counted | patterns | numbers in Han characters, which stand in words too: several, or one with a counter
facts | articles | list | articles that may stand for "1"
facts | and_words | list | what joins the last item of a list
facts | and_prefixes | list | the same, written together with the word behind it
facts | prefixes | list | letters, such as those of prepositions, that are written together with the word behind them
facts | article_prefixes | list | the article that is
facts | family_names | list | family names, where they stand before the given name without a space
facts | before_nouns | list | endings of articles and adjectives, which stand before nouns and not before names
facts | date_particles | list | what stands in a date beside names and numbers
facts | date_endings | list | particles that are written together with a date before them
facts | day_endings | patterns | what is written together with the number of a day
facts | raised_endings | patterns | what is set raised behind a number: "1st"
facts | year_signs | list | signs behind the number of a year
facts | month_signs | list | signs behind that of a month
facts | day_signs | list | signs behind that of a day
facts | dated | patterns | what is a date, beside names of months and days
facts | afternoon | list | what says that an hour is of the second half of the day
facts | denials | list | words that deny
facts | denial_parts | list | the same within words
facts | false_denials | list | words that deny in another language, and not in this one
facts | harmless_denials | list | phrases with such a word that deny nothing
facts | implied_denials | list | beginnings of words that deny without one
facts | implied_denial_parts | list | the same within words
facts | saints | list | "Saint" before the names of places
facts | name_prepositions | list | prepositions that stand before names and nouns alike
facts | name_particles | list | small words within the name of a person, in Latin letters: "von"
facts | name_prefixes | list | the same, written together with a hyphen: "al-"
questions | asking | list | question words
questions | deciding | list | how a question begins that asks for yes or no
questions | deciding_anywhere | list | words of such a question that may stand anywhere
questions | deciding_forms | patterns | forms that make a question one for yes or no, anywhere in it
questions | verb_first | list | what stands behind its verb, where that comes first in such a question
questions | subject_first | list | how its subject begins, where that comes first and only the question mark tells
questions | or_words | list | "or", which offers two answers
questions | counting | list | what asks for a number
questions | which | list | words for "which"
questions | year | list | words for "year"; without spaces between words: what asks for one
questions | naming | list | what asks for a name or a place
questions | reasons | list | what asks for a reason
questions | about | list | what asks what a text is about
questions | further | list | how a sentence begins that gives one more reason
questions | content | list | "what" in "what is in the table?"
questions | placing | list | "in" in "what is in the table?"
questions | connectives | list | how a question begins that goes on from the one before
questions | pointers | list | words that point back to something named before
questions | pointer_endings | list | endings of words that do so
questions | connective_prefixes | list | "and" and the like, written together with a question word
questions | personal | list | those that stand for a person or a thing and for nothing else
questions | common | list | words of questions that say nothing about the subject
talk | greetings | list | greetings
talk | thanks | list | thanks and farewells
talk | agreements | list | what agrees, and accepts an offer
talk | refusals | list | what declines an offer
talk | fillers | list | words that may stand beside any of these
documents | closing_headings | list | lines of web pages that announce other texts
documents | furniture | list | buttons, links and labels of web pages
documents | reference_headings | list | headings of lists of what others wrote
documents | title_words | list | words that ask for titles of books and the like
documents | title_columns | list | names of columns that hold a title
documents | text_columns | list | names of columns that hold a text
documents | grammar_signs | list | characters of grammar: where a piece of text begins or ends with one, no term does
documents | code_styles | patterns | names of styles of paragraphs that hold code
documents | source_labels | patterns | the word before the name of a source
documents | keyword_labels | patterns | the words before a list of keywords
documents | counters | patterns | what web pages count: views, comments
documents | rights | patterns | notices of rights
files | writing | list | words for writing a text, and for who writes
files | sending | list | words for sending, and for who sends
files | receiving | list | words for receiving, and for who receives
files | messages | list | words for mails
files | asking_when | list | "when"
files | asking_who | list | "who" in all its cases
files | asking_whom | list | those of them that mean a receiver
files | towards | list | what stands before whom something went to
files | towards_prefixes | list | the same, written together with a name
files | out_of | list | what stands before whom something came from
files | about_files | list | words of a question about files that say nothing about which
files | comparing | patterns | what asks to compare texts
files | summing_up | patterns | what asks for a summary
files | subject_asked | patterns | what asks what a text is about
files | beside_another | list | what stands between two texts that are compared
files | text_kinds | list | words for kinds of texts: article, contract
files | parts | list | words for numbered parts of a text; without spaces between words: what stands behind the number
files | part_prefixes | list | what stands before the number of one
files | part_verbs | list | what is asked of such a part: "say", "regulate"
files | file_prefixes | patterns | what is written together with a name or a word behind it
files | dative_endings | patterns | endings behind an apostrophe of whom something went to
files | author_labels | list | labels of the line that says who wrote a document
files | recipient_labels | list | labels of the line that says who got it
files | date_labels | list | labels of the line that says when
models | sources | list | words for a source in what models write
models | list_headings | list | headings above a list of sources
models | page_words | list | "page" before its number
models | answer_keys | list | names of a JSON field that holds the answer
models | source_keys | patterns | names of a JSON field that holds the sources
models | thinking | patterns | how a model begins that thinks aloud
models | courtesies | patterns | how a sentence begins by which a model is polite
models | offer_heads | patterns | what stands before the thing that is offered
models | offer_tails | patterns | what stands behind it
answers | refusal | text | that the sources don't answer
answers | nearest | text | that the nearest passages follow
answers | ours | text | that a rendering is ours
answers | agree | text | that {n} sources agree
answers | differ | text | that sources differ
answers | in_source | text | before what the source says where a language model says otherwise
answers | speaks_of | text | before what the nearest passages speak of
answers | missing | text | before words that no passage has
answers | reword | text | that other words may help
answers | unfiltered | text | that there is an answer without the filter
answers | hello | text | said back to a greeting
answers | welcome | text | said back to thanks
answers | invitation | text | what can be asked
answers | invitation_naming | text | the same, with {titles}
answers | documents | text | how many documents there are
answers | more | text | that there are {n} more
answers | newest | text | before the newest documents
answers | since | text | before what is new since {date}
answers | none_since | text | that nothing is new since {date}, before what is older
answers | undated | text | that no document states its date
answers | languages | text | before the languages of the documents
answers | topics | text | before what the documents are about
answers | summary | text | before the summary of {title}
answers | which_meant | text | before the documents of which one may be meant
answers | dates | text | before passages with dates
answers | undated_text | text | that no dates were found
"""


def _read(line: str) -> tuple[str, tuple[str, Kind, str]]:
    section, name, kind, what = (part.strip() for part in line.split("|", 3))
    return name, (section, KINDS[kind], what)


KINDS: Mapping[str, Kind] = {
    "text": "text", "list": "list", "numbers": "numbers", "patterns": "patterns", "flag": "flag", "order": "order",
}  # fmt: skip
FIELDS: Mapping[str, tuple[str, Kind, str]] = dict(map(_read, _TABLE.strip().splitlines()))
"""Section, kind and purpose of each field by its name."""
