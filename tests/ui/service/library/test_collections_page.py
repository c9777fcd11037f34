"""Collections on the page: made with one press, renamed, given to somebody, closed, forgotten; refusals in one word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import index
from index.errors import StoreError
from index.opening.listing import Listed, list_documents
from index.stores.collections import SEES_ALL, Collection, Viewer
from index.stores.keeping import change_collections, read_collections
from rag import AnswerConfig, Assistant
from tests.harness.ui_browser import browser, come  # noqa: F401 - fixtures
from tests.harness.ui_server import chat_site
from ui.http.admission import ApiError
from ui.http.sign_in.viewing import look_as
from ui.service.collections.shelves import Shelves
from ui.service.library.builds import Builds
from ui.service.library.folders import folders
from ui.service.library.library import Library, Rights

ANN, BEN = Viewer("ann", frozenset({"staff"})), Viewer("ben")
ADMIN = Viewer("admin", all=True)
PEOPLE = ("group:staff", "user:ann", "user:ben")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("coast/east", "coast/west", "inland/river"):
        path = tmp_path / "texts" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"The {name} lighthouse was built by {path.stem.title()}man in 1910.", "utf-8")
    index.build([tmp_path / "texts"], index_dir=tmp_path / "i", embedder="hashing")
    return tmp_path / "i"


@pytest.fixture
def ids(place: Path) -> dict[str, str]:
    return {one.source.rpartition("/")[2].removesuffix(".txt"): one.id for one in list_documents(place).documents}


@pytest.fixture
def shelves(place: Path) -> Iterator[Shelves]:
    yield Shelves(Library(place, Rights(local=False)), PEOPLE)
    look_as(Viewer())


def put(shelves: Shelves, person: Viewer, **body: object) -> str:
    look_as(person)
    return shelves.put(body, ())


def refused(shelves: Shelves, person: Viewer, **body: object) -> tuple[int, str]:
    with pytest.raises(ApiError) as error:
        put(shelves, person, **body)
    return error.value.status, str(error.value)


def test_a_new_one_never_falls_into_another(place: Path, shelves: Shelves, ids: dict[str, str]) -> None:
    names = [put(shelves, BEN, name="Coast", documents=[ids[one]], fresh=True) for one in ("east", "west", "river")]
    assert names == ["Coast", "Coast 2", "Coast 3"]
    assert [one.documents for one in read_collections(place).each] == [(ids["east"],), (ids["west"],), (ids["river"],)]
    long = "A" * 60
    assert [put(shelves, BEN, name=long, documents=[ids["east"]], fresh=True) for _ in "12"] == [long, "A" * 58 + " 2"]


def test_a_folder_stays_open_for_what_comes(place: Path, shelves: Shelves, ids: dict[str, str]) -> None:
    put(shelves, BEN, name="Coast", places=["texts/coast/"], fresh=True)
    (kept,) = read_collections(place).each
    assert (kept.documents, kept.places) == ((), ("texts/coast",))
    (shelf,) = shelves.shown()["collections"]  # type: ignore[misc]
    assert shelf == {"name": "Coast", "owner": "user", "closed": False, "documents": 2, "mine": True}
    assert shelves.ids("coast") == {ids["east"], ids["west"]}


def test_it_is_renamed_given_away_closed_and_opened(place: Path, shelves: Shelves, ids: dict[str, str]) -> None:
    put(shelves, ADMIN, name="Coast", owner="everyone", documents=[ids["east"]])
    assert put(shelves, ADMIN, name="Coast", owner="everyone", rename="Shore", to="group:staff", closed=True) == "Shore"
    assert read_collections(place).each == (Collection("Shore", (ids["east"],), (), "group:staff", closed=True),)
    look_as(BEN)
    assert shelves.shown()["collections"] == [] and "people" not in shelves.shown()
    look_as(ADMIN)
    assert shelves.shown()["people"] == list(PEOPLE)
    put(shelves, ADMIN, name="Shore", owner="group:staff", to="everyone", closed=False)
    put(shelves, ADMIN, name="shore", owner="everyone", rename="SHORE")  # its own name is not another's
    put(shelves, ADMIN, name="SHORE", owner="everyone", without=[ids["east"]], places=["texts/coast"])
    assert read_collections(place).each == (Collection("SHORE", (), ("texts/coast",)),)
    put(shelves, ADMIN, name="SHORE", owner="everyone", delete=True)
    assert read_collections(place).each == ()


def test_refusals_say_what_is_wrong(place: Path, shelves: Shelves, ids: dict[str, str]) -> None:
    put(shelves, BEN, name="Mine", documents=[ids["east"]])
    put(shelves, BEN, name="Other", documents=[ids["west"]])
    before = read_collections(place)
    wrong: list[tuple[dict[str, Any], tuple[int, str]]] = [
        ({"name": "Mine", "rename": "other"}, (409, "collection_taken")),
        ({"name": "Gone", "rename": "New"}, (404, "collection_gone")),
        ({"name": "Gone", "without": [ids["east"]]}, (404, "collection_gone")),
        ({"name": "New"}, (422, "collection_nothing")),
        ({"name": "New", "documents": ["none"]}, (422, "collection_nothing")),
        ({"name": "Mine", "rename": " "}, (422, "collection_name")),
        ({"name": "a/b", "documents": [ids["east"]]}, (422, "collection_name")),
        ({"name": "Mine", "closed": "yes"}, (422, "collection_name")),
        ({"name": "Mine", "places": [""]}, (422, "collection_full")),
        ({"name": "Mine", "places": ["x"] * 1001}, (422, "collection_full")),
        ({"name": "Mine", "to": "nobody"}, (422, "collection_owner")),
        ({"name": "Mine", "to": "everyone"}, (403, "collection_not_yours")),
        ({"name": "Mine", "closed": True}, (403, "collection_not_yours")),
        ({"name": "Mine", "closed": False}, (403, "collection_not_yours")),
        ({"name": "Mine", "owner": "user:ann", "delete": True}, (403, "collection_not_yours")),
    ]
    for body, expected in wrong:
        assert refused(shelves, BEN, **body) == expected, body
    assert refused(shelves, ADMIN, name="Mine", owner="user:ben", to="group:stuff") == (422, "collection_nobody")
    assert read_collections(place) == before


@pytest.mark.parametrize("body", [{"delete": True}, {"rename": "X"}, {"without": ["EAST"]}, {"documents": ["WEST"]}])
def test_a_closed_one_is_changed_by_those_alone_who_see_everything(
    place: Path, shelves: Shelves, ids: dict[str, str], body: dict[str, Any]
) -> None:
    """Its owner would open documents to everyone, or close them, by taking one out or putting one in."""
    closed = Collection("Own", (ids["east"],), (), "user:ben", closed=True)
    change_collections(place, lambda kept: kept.put(closed))
    fields = {key: [ids[one.lower()] for one in some] if isinstance(some, list) else some for key, some in body.items()}
    assert refused(shelves, BEN, name="Own", **fields) == (403, "collection_not_yours")
    assert read_collections(place).each == (closed,)
    look_as(BEN)
    assert [one["mine"] for one in shelves.shown()["collections"]] == [False]  # type: ignore[attr-defined]
    put(shelves, ADMIN, name="Own", owner="user:ben", **fields)
    assert read_collections(place).each != (closed,)


def test_folders_are_those_next_below() -> None:
    def counted(*sources: str, at: str = "") -> dict[object, object]:
        listed = [Listed(str(place), one, one) for place, one in enumerate(sources)]
        return {one["folder"]: one["documents"] for one in folders(listed, at)}

    assert counted("a/b/x.md", "a/b/y.md", "a/c/z.md", "a/w.md") == {"a/b": 2, "a/c": 1}
    assert counted("a/b/x.md", "a/b/y.md", at="a/b") == {}
    assert counted("x.md", "b/y.md") == {"b": 1}
    assert counted("https://e.org/a/x", "https://e.org/b/y", "n/z.md") == {"https://e.org": 2, "n": 1}
    assert counted("ab/x.md", "a/x.md") == {"ab": 1, "a": 1} and counted() == {}
    assert len(counted(*(f"{name}/x" for name in range(99)))) == 12


def test_what_came_of_an_upload_is_found_by_its_receipt(place: Path, tmp_path: Path) -> None:
    library = Library(place, Rights(local=True))
    path = library.uploads.folder / ("0" * 16) / "new.txt"
    path.parent.mkdir(parents=True)
    path.write_text("The new lighthouse was built in 2020.", "utf-8")
    index.build([tmp_path / "texts", library.uploads.folder], index_dir=place, embedder="hashing")
    look_as(SEES_ALL)
    (found,) = library.of_uploads(["0" * 16, "1" * 16, 7])
    assert library.of_uploads(None) == library.of_uploads(["new.txt"]) == []
    Shelves(library).put({"name": "New", "uploads": ["0" * 16], "fresh": True}, ())
    assert [one.documents for one in read_collections(place).each] == [(found,)]


@pytest.mark.slow
@pytest.mark.browser
def test_a_folder_a_search_and_an_upload_become_collections_with_one_press(
    come: Any,  # noqa: F811
    place: Path,
    tmp_path: Path,
) -> None:
    library = Library(place, Rights(local=True), Builds(place))
    with chat_site(Assistant(place, config=AnswerConfig(reader="none")), library=library) as site:
        page = come(site.url).page
        page.click('[data-do="library"]')
        page.click('[data-folder="texts/coast"]')
        page.wait_for_function("document.querySelectorAll('.bq-document').length === 2")
        page.click("#bq-picked .bq-outline")
        page.wait_for_selector("#bq-collection-name")
        assert page.input_value("#bq-collection-name") == "coast"
        page.fill("#bq-collection-name", "The coast")
        page.keyboard.press("Enter")
        page.wait_for_selector('#bq-collections [data-name="The coast"][aria-pressed="true"]')
        assert [(one.name, one.places) for one in read_collections(place).each] == [("The coast", ("texts/coast",))]
        page.click('[data-folder="texts/coast"]')  # let go
        page.click('#bq-collections [data-name="The coast"]')
        page.fill("#bq-library-find", "river")
        page.wait_for_function("document.querySelectorAll('.bq-document').length === 1")
        page.click("#bq-picked .bq-outline")
        page.wait_for_selector("#bq-collection-name")
        page.click("#bq-picked .bq-form-buttons .bq-tool")  # forget it
        page.wait_for_selector("#bq-picked .bq-sure")
        assert len(read_collections(place).each) == 2
        page.click("#bq-picked .bq-primary")
        page.wait_for_function("!document.querySelector('[data-name=river]')")
        assert [one.name for one in read_collections(place).each] == ["The coast"]
        path = tmp_path / "new one.txt"
        path.write_text("The new lighthouse was built by Newman in 2020.", "utf-8")
        page.set_input_files("#bq-files", str(path))
        page.click(".bq-keep button", timeout=120_000)
        page.wait_for_selector('#bq-collections [data-name="new one"]')
        made = next(one for one in read_collections(place).each if one.name == "new one")
        assert len(made.documents) == 1


def test_rights_that_can_not_be_read_change_nothing(place: Path, shelves: Shelves, ids: dict[str, str]) -> None:
    (place / "collections.json").write_text("{", "utf-8")
    with pytest.raises(StoreError):
        put(shelves, ADMIN, name="New", documents=[ids["east"]])
    assert (place / "collections.json").read_text("utf-8") == "{"
