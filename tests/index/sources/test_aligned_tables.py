"""Tables of plain text and mail, whose columns stand below each other by spaces or tabulators, become records."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from index.sources.tables.pages.aligned import with_tables_marked
from tests.index.sources.test_sources_as_seen import text_of

SPACES = """Depot       Trams    Since    Head
North       12       1911     Ada Lind
South                1934     Tom Berg
Harbour     9                 Lea Costa"""
TABS = "Depot\tTrams\tSince\tHead\nNorth\t12\t1911\tAda Lind\nSouth\t\t1934\tTom Berg\nHarbour\t9\t\tLea Costa"
ROWS = """Depot: North | Trams: 12 | Since: 1911 | Head: Ada Lind
Depot: South | Trams: – | Since: 1934 | Head: Tom Berg
Depot: Harbour | Trams: 9 | Since: – | Head: Lea Costa"""


def mail(body: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Ada <ada@x.example>", "Depots"
    message.set_content(body)
    return bytes(message)


@pytest.mark.parametrize("table", [SPACES, TABS], ids=["spaces", "tabs"])
@pytest.mark.parametrize("name", ["a.txt", "a.eml"])
def test_rows_keep_their_empty_cells(tmp_path: Path, name: str, table: str) -> None:
    body = f"Depots of the tram\n\n{table}\n\nAll of them open at five."
    text = text_of(tmp_path, name, mail(body) if name.endswith("eml") else body)
    assert text.endswith(f"Depots of the tram\n\n{ROWS}\n\nAll of them open at five.")


@pytest.mark.parametrize(
    "text",
    [
        "The old    house by the  sea\nstands  where no  house may be\nand waits   for you  and me",
        "North  12\nSouth  14",  # two lines
        "Ada Lind      Tom Berg\nLea Costa     Omar Said\nIda Roth      Max Kern",  # no header
        "One sentence.  Another one.  A third.\nIt goes on.  And on.  And on and on.\nHere.  There.  Everywhere.",
    ],
)
def test_other_lines_with_gaps_stay(text: str) -> None:
    assert with_tables_marked(text) == text
