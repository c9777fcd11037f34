"""Rows of a table that were found in place of all else, and don't answer, give way to a text that does."""

from __future__ import annotations

from pathlib import Path

import pytest

import index
from rag import Assistant

TAKINGS = "Monat\tMuseum\tKasse 1\tKasse 2\n" + "".join(
    f"{month}\t{museum}\t{4120 + at},50\t{380 + at},00\n"
    for at, (month, museum) in enumerate(
        (month, museum) for month in ("Mai", "Juni", "Juli") for museum in ("Schiffsmuseum", "Textilmuseum")
    )
)
LEASE = (
    "Contrat de bail, 8 rue des Tilleuls. Le bailleur est Madame Odette Vasseur. Le logement mesure 54 m². Le bail"
    " commence le 1er mars 2021 pour trois ans. Avenant du 14 février 2024. Le loyer mensuel passe à 742 euros à partir"
    " du 1er avril. La caution reste chez le notaire Perrin. Le locataire entretient la chaudière deux fois par an."
)


@pytest.mark.slow
def test_a_text_behind_the_rows_of_a_table_answers(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "einnahmen.tsv").write_text(TAKINGS, encoding="utf-8")
    (tmp_path / "in" / "bail.md").write_text(LEASE, encoding="utf-8")
    index.build([tmp_path / "in"], index_dir=tmp_path / "index")
    assistant = Assistant(index_dir=tmp_path / "index")
    question = "À combien passe le loyer mensuel ?"
    found = [hit.source.rpartition("/")[2].partition("#")[0] for hit in assistant.retrieve(question, k=4)]
    assert found == ["einnahmen.tsv"] * 4
    answer = assistant.answer(question, k=4)
    assert answer.short is not None
    assert answer.short.quote == "742 euros"
    assert (
        assistant.answer("Wie viel nahm das Schiffsmuseum im Juni an Kasse 2 ein?")
        .citations[0]
        .quote.startswith("Monat: Juni | Museum: Schiffsmuseum")
    )
