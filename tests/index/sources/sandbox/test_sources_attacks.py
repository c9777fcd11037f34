"""Attacks on readers one by one: XML in every format, lying archives, PDFs that hang, texts that cost their square."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.errors import SourceError
from index.sources.discovery import discover
from index.sources.reading import read
from index.sources.sandbox.pool import read_many
from index.sources.text.encoding import UnknownEncodingError, decode
from index.sources.types import ReadResult
from tests.harness import hostile_files, hostile_xml
from tests.harness.exfiltration import Catcher, catching
from tests.harness.hostile_pdfs import pdfs
from tests.harness.hostile_xml import ATTACKS, FORMATS, archives, attacked
from tests.harness.naive_reader import naive_decode, naive_unzip, naive_xml_read

ROOT = Path(__file__).resolve().parents[4]
SECRET, GOOD = hostile_files.SECRET, hostile_files.GOOD
MEMORY_MIB = 900
MEASURED = """
import json, resource, sys, time
from pathlib import Path
from index.sources.discovery import discover
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadResult
found, begin = {}, time.process_time()
for file, result in read_many(discover([Path(sys.argv[1])]).files, workers=1):
    read = isinstance(result, ReadResult)
    text = "\\n".join(d.text + d.title + str(dict(d.metadata)) for d in result.documents) if read else result.reason
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    found[file.path.name] = [read, text[:5000], usage.ru_utime + usage.ru_stime]
print(json.dumps({"found": found, "peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}))
"""


def measured(folder: Path) -> tuple[dict[str, tuple[bool, str]], float]:
    """Read a folder; return by name whether each file was read and its text or the reason, and the peak in MiB."""
    command = [sys.executable, "-c", MEASURED, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=300)
    reply = json.loads(done.stdout)
    return {name: (read, text) for name, (read, text, _) in reply["found"].items()}, reply["peak"]


def written(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def planted(folder: Path, catcher: Catcher) -> dict[str, bytes]:
    """Return every attack in every format, against a file that holds the secret and a server that listens."""
    secret = folder / "secret.txt"
    secret.write_text(SECRET)
    (folder / "secret.txt.dtd").write_text(hostile_xml.planted())
    return {
        f"{attack}-{name}": attacked(name, attack, secret.as_uri(), catcher.origin)
        for attack in ATTACKS
        for name in FORMATS
    }


def test_no_xml_of_any_format_brings_in_what_lies_outside(tmp_path: Path) -> None:
    with catching() as catcher:
        files = planted(tmp_path, catcher)
        assert len(files) == len(ATTACKS) * len(FORMATS) >= 130
        results = list(read_many(discover([written(tmp_path / "files", files)]).files))
        assert catcher.hits == set()
    assert len(results) == len(files)
    read_well = 0
    for file, result in results:
        if isinstance(result, ReadResult):
            shown = "\n".join(f"{one.title}\n{one.text}\n{dict(one.metadata)}" for one in result.documents)
            assert GOOD in shown, file.path.name
            assert len(shown) < 100_000, file.path.name  # no entity has grown
            read_well += 1
        else:
            shown = str(result)
            assert file.path.name in shown
        assert SECRET not in shown, file.path.name
    assert read_well >= 3 * len(FORMATS)  # what only names a stylesheet, a picture or a DTD is still read


def test_a_careless_xml_reader_tells_the_secret_in_every_format(tmp_path: Path) -> None:
    with catching() as catcher:
        files = planted(tmp_path, catcher)
    seen = set()
    for name, data in files.items():
        if name.startswith(("laughs", "quadratic")):
            continue
        try:
            seen |= {name} if SECRET in naive_xml_read(data) else set()
        except (SyntaxError, OSError):
            continue
    assert {name.partition("-")[2] for name in seen} == set(FORMATS)
    assert {name.partition("-")[0] for name in seen} == {"entity", "quoted", "near", "include"}


@pytest.mark.slow
def test_an_archive_is_bounded_by_what_it_unpacks_to(tmp_path: Path) -> None:
    found, peak = measured(written(tmp_path / "files", archives()))
    assert [name for name, (read, _) in found.items() if read] == []
    assert len(found) == 6
    assert peak < MEMORY_MIB / 2


def test_an_unpacker_that_believes_the_directory_is_caught() -> None:
    files = archives()
    assert naive_unzip(files["small.docx"], limit=1_000_000) > 50_000_000
    assert naive_unzip(files["checked.docx"], limit=1_000_000) > 50_000_000


@pytest.mark.slow
def test_pdfs_that_hang_recurse_or_grow_end_soon_in_bounded_memory(tmp_path: Path) -> None:
    files = pdfs()
    begin = time.monotonic()
    found, peak = measured(written(tmp_path / "files", files | {"zz-last.pdf": hostile_files.pdf(GOOD)}))
    assert time.monotonic() - begin < 20 * len(files)
    assert set(found) == {*files, "zz-last.pdf"}
    assert found["zz-last.pdf"][0] and GOOD in found["zz-last.pdf"][1]
    assert sum(read for read, _ in found.values()) >= 10
    assert all(text for _, text in found.values())
    assert peak < MEMORY_MIB


# Each is repeated to 50 kB; a pattern that costs the square of its text takes minutes for one of them.
REPEATED = {
    "x.txt": ["\t", "\r", " ", "\n\t", "1\n", "a" * 50 + " ", "\u0301", "\u202e", "\u200d", "中", "ก", "A.", "©"],
    "x.html": ["<!---->", "<!-- a -->\n", "<p ", "<p style='color:rgba(,", "<div style=", "<span hidden ", "&#", "</"],
    "bare.html": ["\n", "<!---->", "<p ", "<div style='", "<b><i>"],
    "x.xml": ["&lt;p ", "<!DOCTYPE", "<!--", "&amp;", "\n"],
    "x.md": ["*", "_", "`", "|-|-", "<!--", "<a href=", "&"],
    "x.rtf": ["{\\", "\\'", "\\u", "{\\title "],
    "x.srt": ["1\n", "00:00:01,000 --> 00:00:02,000\n", "\n"],
    "x.eml": ["From: ", "=?utf-8?b?", "a: ", "--a\n"],
    "x.csv": ['"', ",", "\t", "a,", "'"],
    "x.json": ["[", '{"a":', '"', "\\u"],
}
WRAPPED = {
    "x.html": "<!DOCTYPE html><html><body>{}",
    "x.xml": "<?xml version='1.0'?><d>{}</d>",
    "x.rtf": "{{\\rtf1 {}}}",
    "x.srt": "1\n00:00:01,000 --> 00:00:02,000\nHi\n\n{}",
    "x.eml": "From: a@b\nTo: b@c\nSubject: s\n\n{}",
    "x.csv": "a,b,c\n1,2,3\n{}",
    "x.json": '{{"text": "a", "b": [{}',
}


@pytest.mark.parametrize("name", REPEATED)
def test_no_pattern_costs_the_square_of_a_text(name: str, tmp_path: Path) -> None:
    read_once(tmp_path, name, "a")  # what is imported on the way is not counted
    for piece in REPEATED[name]:
        for tail in ("", "x"):
            begin = time.process_time()
            read_once(tmp_path, name, piece * (50_000 // len(piece)) + tail)
            assert time.process_time() - begin < 4.0, piece


def read_once(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(WRAPPED.get(name, "{}").format(body), encoding="utf-8")
    try:
        read(discover([folder / name]).files[0])
    except SourceError:
        return


GOVERNMENT = {
    "ar": "وافقت الحكومة أمس على مشروع القانون الذي سيغير طريقة جمع الضرائب في البلاد وقالت المعارضة إنه خطأ كبير",
    "fa": "دولت دیروز لایحه‌ای را تصویب کرد که شیوه گردآوری مالیات را در سراسر کشور تغییر خواهد داد",
    "el": "Η κυβέρνηση ενέκρινε χθες το νομοσχέδιο που θα αλλάξει τον τρόπο με τον οποίο εισπράττονται οι φόροι",
    "hi": "सरकार ने कल एक विधेयक को मंजूरी दी जो देश में कर वसूलने का तरीका बदल देगा",
    "ru": "Правительство вчера одобрило проект закона, который должен изменить порядок сбора налогов в стране",
    "zh": "一九四九年一月一日，政府一致批准了一项法律草案，一切从头开始，第一次会议一致通过。",
    "ja": "政府は昨日、国内の税金の集め方を変える法案を承認した。 野党はこれを近年最大の誤りだと述べている。",
    "kana": "むかしむかし あるところに おじいさんと おばあさんが すんでいました",
    "ko": "정부는 어제 나라의 세금을 걷는 방식을 바꿀 법안을 승인했으며 야당은 이것이 가장 큰 잘못이라고 말했다",
    "en": "The government approved yesterday a bill that is to change how taxes are collected in the country",
}
LEGACY = [
    ("ru", "koi8_r"), ("ru", "cp1251"), ("ru", "cp866"), ("ar", "cp1256"), ("ja", "cp932"), ("ja", "euc_jp"),
    ("ja", "iso2022_jp"), ("zh", "gb18030"), ("zh", "gbk"), ("ko", "euc_kr"), ("ko", "cp949"), ("el", "iso8859_7"),
]  # fmt: skip


@pytest.mark.parametrize("language", GOVERNMENT)
@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_need_neither_a_mark_nor_a_line_end(language: str, name: str) -> None:
    text = GOVERNMENT[language]
    assert decode(text.encode(name)) == (text, [])


@pytest.mark.parametrize(("language", "name"), LEGACY)
def test_one_sentence_in_an_old_encoding_is_read_right(language: str, name: str) -> None:
    text = GOVERNMENT[language]
    assert decode(text.encode(name))[0] == text


def test_seven_bit_encodings_are_believed_when_declared() -> None:
    for name in ("utf-7", "hz"):
        assert decode(GOVERNMENT["zh"].encode(name), name) == (GOVERNMENT["zh"], [])


@pytest.mark.parametrize(
    "line", ["The lighthouse was lit.\0 It stands at the cape.\n", "ab" * 150 + "\0", "abc\0" * 5 + "words"]
)
def test_zero_bytes_in_a_text_make_no_chinese_of_it(line: str) -> None:
    text = decode((line * 50).encode())[0]
    assert text.isascii()


def test_a_careless_decoder_is_caught() -> None:
    cases = [(text, name) for text in GOVERNMENT.values() for name in ("utf-16-be", "utf-32-le")]
    cases += [(GOVERNMENT[language], name) for language, name in LEGACY]
    wrong = [name for text, name in cases if naive_decode(text.encode(name)) != text]
    assert len(wrong) > 0.8 * len(cases)


def test_noise_is_refused_or_said() -> None:
    for seed in range(40):
        noise = bytes((seed * 31 + n * n * 7919 + n * 104729) >> 3 & 0xFF | 0x80 for n in range(400))
        try:
            _, warnings = decode(noise)
        except UnknownEncodingError:
            continue
        assert warnings
