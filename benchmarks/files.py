"""What becomes of real, awkward files: read, refused with a reason, or wrong, by format.

    python -m benchmarks.files --data DIR [--json] [--speed N]

`DIR/files/manifest.jsonl` says of some files what one reference tool saw in them. A file counts as wrong when the
reference saw text and less than four fifths of its characters (PDF: of the beginning, and of the number) are in ours,
when it was read although it needs a password, or when the reference saw text and we refused it. Where the manifest
says nothing, or the reference itself is no text (`NO_REFERENCE`), reading and refusing are only counted. Each format
is read by a process of its own, so that the peak memory is its own. `--speed N` also reads N small Markdown files.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

from index.sources.discovery import discover
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadResult

ENOUGH = 0.8
# Looked at by eye: what the reference saw there is not what a reader sees.
NO_REFERENCE = {
    "ThuluthFeatures.pdf": "Arabic; the reference gives the numbers of its glyphs as Greek and Cyrillic letters",
    "XiaoBiaoSong.pdf": "Chinese; the reference gives the bytes of its GBK text as Western letters",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Read a folder of awkward files and compare with a reference.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds files/manifest.jsonl")
    parser.add_argument("--format", help="only this kind; prints its result as JSON")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--speed", type=int, default=0, metavar="N", help="also read N small Markdown files")
    arguments = parser.parse_args()
    manifest_path = arguments.data / "files" / "manifest.jsonl"
    if not manifest_path.is_file():
        parser.exit(1, f"{manifest_path} is not there; --data names the folder of the benchmark data\n")
    manifest = [json.loads(line) for line in manifest_path.read_text(encoding="utf-8").splitlines()]
    if arguments.format:
        print(json.dumps(measure(arguments.data, [row for row in manifest if kind_of(row) == arguments.format])))
        return
    kinds = sorted({kind_of(row) for row in manifest})
    results = {kind: in_own_process(arguments.data, kind) for kind in kinds}
    print(json.dumps(results, ensure_ascii=False, indent=1) if arguments.json else table(results))
    if arguments.speed:
        print(speed(arguments.speed))


def kind_of(row: dict[str, Any]) -> str:
    """The format by the name, apart from the folder of encodings."""
    return "encodings" if row["file"].startswith("files/encoding/") else Path(row["file"]).suffix.lstrip(".").lower()


def in_own_process(data: Path, kind: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.files", "--data", str(data), "--format", kind]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(found.stdout))


def measure(data: Path, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Read the files of one format; outcomes by file, seconds, and the peak memory of the reading process."""
    paths = {(data / row["file"]).resolve(): row for row in rows}
    found = [file for file in discover([data / "files"]).files if file.path in paths]
    outcomes: dict[str, list[str]] = {"read": [], "checked": [], "refused": [], "wrong": []}
    begin = time.perf_counter()
    for file, result in read_many(found, workers=1):
        row = paths[file.path]
        verdict, why = judge(row, result, file.path)
        outcomes[verdict].append(f"{row['file'].removeprefix('files/')}: {why}" if why else row["file"])
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {**outcomes, "files": len(rows), "seconds": round(seconds, 2), "peak_mib": round(peak)}


def judge(row: dict[str, Any], result: object, path: Path) -> tuple[str, str]:
    expected = row.get("expect") or {}
    reference, amount = reference_text(expected, path)
    if not isinstance(result, ReadResult):
        missed = reference is not None and len(letters(reference)) > 0 and expected.get("decodes", True)
        return ("wrong" if missed else "refused"), getattr(result, "reason", "")
    whole = "\n".join(document.text for document in result.documents)
    text = letters(whole)
    if expected.get("opens") is False and "password" in row["why"]:
        return "wrong", "read although it needs a password"
    if reference is None:
        return "read", ""
    wanted = letters(reference)
    if not wanted:
        return "read", ""
    share = sum((wanted & text).values()) / max(1, wanted.total())
    enough = sum(not c.isspace() for c in whole) >= ENOUGH * amount
    return ("checked", "") if share >= ENOUGH and enough else ("wrong", f"{share:.0%} of the reference's beginning")


def reference_text(expected: dict[str, Any], path: Path) -> tuple[str | None, int]:
    """What the reference saw (or its beginning), and about how many characters that were."""
    if path.name in NO_REFERENCE:
        return None, 0
    if "pdftotext_chars" in expected:
        return expected.get("head") or "", int(0.7 * expected["pdftotext_chars"])
    if "markdown" in expected:
        return re.sub(r"[#*|_`>\-]|!?\[[^\]]*\]\([^)]*\)|<[^>]*>|&\w+;|\$[^$]*\$", " ", expected["markdown"]), 0
    if expected.get("decodes") and path.suffix != ".srt":  # of subtitles we drop the times
        text = path.read_bytes().decode(expected["encoding"].replace("MacCyrillic", "mac_cyrillic"), "replace")
        return (text if path.suffix == ".txt" else expected.get("head") or ""), 0
    return None, 0


def letters(text: str) -> Counter[str]:
    """Letters and digits in compatibility form, counted."""
    return Counter(c for c in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(c)[0] in "LMN")


def table(results: dict[str, dict[str, Any]]) -> str:
    head = (
        "| format | files | read, as the reference | read, no reference | refused, with reason | wrong | s | peak MiB |"
    )
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for kind, result in results.items():
        counts = " | ".join(str(len(result[name])) for name in ("checked", "read", "refused", "wrong"))
        lines.append(f"| {kind} | {result['files']} | {counts} | {result['seconds']:.2f} | {result['peak_mib']} |")
    for name in ("wrong", "refused"):
        lines += ["", f"{name}:"] + [f"- {entry}" for result in results.values() for entry in result[name]]
    return "\n".join(lines)


def speed(count: int) -> str:
    """Files per second for small Markdown files, discovery and children included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(count):
            part = folder / f"{number // 1000}"
            part.mkdir(exist_ok=True)
            sentence = f"This is sentence {number} of *many*, with a [link](http://example.org/{number}).\n\n"
            (part / f"{number}.md").write_text(f"---\ntitle: Text {number}\n---\n\n# Heading\n\n" + sentence * 20)
        begin = time.perf_counter()
        files = discover([folder]).files
        walked = time.perf_counter()
        read = sum(isinstance(result, ReadResult) for _, result in read_many(files))
        done = time.perf_counter()
    found, took = walked - begin, done - walked
    return f"{read} Markdown files of 1.5 kB: found in {found:.2f} s, read in {took:.2f} s ({read / took:.0f}/s)"


if __name__ == "__main__":
    main()
