"""Adding a language is adding one file: what the walk of `docs/languages.md` promises, with its own file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHOWN = """
import json
from index.language.identification import detect
from index.language.sentences.splitting import sentences
from rag.output.strings import refusal
from rag.question.followups import resolve_follow_up
from rag.question.small_talk import invitation, is_small_talk
from rag.types import Turn

earlier = (Turn("Kiu konstruis la turon de Toruń?", "Ada Brandt [1]."),)
text = "La ponton malfermis dir. Marta Kovač. Ŝi parolis longe."
print(json.dumps({
    "follow-up": resolve_follow_up("Kaj kiam ĝi estis konstruita?", earlier).standalone,
    "whole": resolve_follow_up("Kiu pentris la ponton de Varsovio?", earlier).standalone,
    "refusal": refusal(detect("La ministroj interkonsentis dimanĉe pri siaj spertoj en la fabrikoj.")),
    "sentences": [text[found.start : found.end] for found in sentences(text, "eo")],
    "greets": is_small_talk("Saluton! Dankon!"),
    "invitation": invitation("Saluton!", ()),
}))
"""


def shown(folder: Path | None) -> dict[str, object]:
    """Return what a fresh program makes of Esperanto, with a folder of language files or without."""
    environment = {name: value for name, value in os.environ.items() if name != "RAG_LANGUAGES"}
    environment |= {"PYTHONPATH": str(ROOT)} | ({"RAG_LANGUAGES": str(folder)} if folder else {})
    done = subprocess.run([sys.executable, "-c", SHOWN], env=environment, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the file that the page shows."""
    page = (ROOT / "docs" / "languages.md").read_text("utf-8")
    (file,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    place = tmp_path_factory.mktemp("languages")
    (place / "eo.toml").write_text(file, "utf-8")
    return place


def test_a_file_teaches_follow_ups_refusals_sentences_and_greetings(folder: Path) -> None:
    before, after = shown(None), shown(folder)
    assert before["follow-up"] is None and before["greets"] is False
    assert after["follow-up"] == "Kiu konstruis la turon de Toruń? Kaj kiam ĝi estis konstruita?"
    assert after["whole"] is before["whole"] is None
    assert str(before["refusal"]).startswith("The sources don't answer")
    assert str(after["refusal"]).startswith("La fontoj ne respondas")
    assert before["sentences"] == ["La ponton malfermis dir.", "Marta Kovač.", "Ŝi parolis longe."]
    assert after["sentences"] == ["La ponton malfermis dir. Marta Kovač.", "Ŝi parolis longe."]
    assert after["greets"] is True
    assert after["invitation"] == ["Saluton! Demandu min pri viaj dokumentoj, en iu ajn lingvo.", "eo"]


def test_it_is_listed_with_what_it_lacks(folder: Path) -> None:
    environment = os.environ | {"RAG_LANGUAGES": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ui.cli", "languages", "epo", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    (row,) = json.loads(done.stdout)
    assert row["code"] == "eo" and row["file"] == str(folder / "eo.toml")
    assert row["entries"]["connectives"] == 6
    assert "courtesies" in row["missing"] and "refusal" not in row["missing"]
    table = subprocess.run(command[:4], env=environment, capture_output=True, text=True, check=True).stdout
    assert re.search(r"^eo +Esperanto +1 +2 +4 +3 +– +– +– +4$", table, re.MULTILINE), table


def test_a_slip_in_it_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "eo.toml").write_text("code = 'eo'\n[questions]\nconnectivs = 'kaj'\n", "utf-8")
    environment = os.environ | {"RAG_LANGUAGES": str(tmp_path), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "ui.cli", "languages"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert "eo.toml: there is no field connectivs; did you mean connectives?" in done.stderr
