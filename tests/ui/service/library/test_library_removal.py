"""Taking documents out of the index on the page: no file of the user is deleted, and what is out stays out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import index
from index.config import seeds_dir
from index.opening.listing import list_documents
from rag import Assistant
from tests.harness.ui_library import library
from tests.harness.ui_server import Site, chat_site
from tests.ui.service.library.test_library import TREES, Admin
from ui.cli.commands import indexing
from ui.page.library_routes import library_routes
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights
from ui.service.library.roots import Change, settled

__all__ = ["library"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders and the sample articles, indexed once; each test gets a copy of the index."""
    folder = tmp_path_factory.mktemp("built")
    for name, text in (
        ("notes/trees.txt", TREES),
        ("notes/deep/mill.txt", "The mill burnt down."),
        ("b/sea.txt", "Salt."),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    index.build([folder / "notes", folder / "b", seeds_dir()], index_dir=folder / "index", embedder="hashing")
    return folder


@pytest.fixture
def site(library: Library) -> Iterator[Site]:
    live = index.LiveIndex(library.index_dir, wait=True)
    with chat_site(Assistant(index=live), library=library) as served:
        yield served
    live.close()


def sources(library: Library) -> set[str]:
    return {one.source for one in list_documents(library.index_dir).documents if one.id}


def place(me: Admin, name: str) -> dict[str, Any]:
    (found,) = [one for one in me.documents()["places"] if one["name"].endswith(name)]
    return dict(found)


def test_the_samples_are_taken_out_and_stay_out(site: Site, library: Library) -> None:
    me = Admin(site)
    samples = place(me, "seeds")
    assert (samples["kind"], samples["documents"], samples["removable"]) == ("samples", 5, True)
    before = sorted(path.name for path in seeds_dir().iterdir())
    assert me.post("remove", {"place": samples["key"]}).status_code == 202
    assert len(me.wait()["report"]["removed"]) == 5
    assert sources(library) == {"notes/trees.txt", "notes/deep/mill.txt", "b/sea.txt"}
    index.build(index_dir=library.index_dir)
    assert sources(library) == {"notes/trees.txt", "notes/deep/mill.txt", "b/sea.txt"}
    assert sorted(path.name for path in seeds_dir().iterdir()) == before
    assert me.post("samples").status_code == 202
    assert len(me.wait()["report"]["added"]) == 5


def test_a_folder_is_taken_out_and_stays_out(site: Site, library: Library, built: Path) -> None:
    me = Admin(site)
    assert me.post("remove", {"place": place(me, "notes")["key"]}).status_code == 202
    assert sorted(me.wait()["report"]["removed"]) == ["notes/deep/mill.txt", "notes/trees.txt"]
    assert (built / "notes" / "deep" / "mill.txt").exists()
    me.post("update")
    assert me.wait()["report"]["added"] == []
    assert str(built / "notes") not in list_documents(library.index_dir).roots


def test_one_document_of_a_folder_is_taken_out_stays_out_and_is_put_back(
    site: Site, library: Library, built: Path
) -> None:
    me = Admin(site)
    (mill,) = me.documents(query="mill")["documents"]
    assert me.post("remove", {"id": mill["id"]}).status_code == 202
    assert me.wait()["report"]["removed"] == ["notes/deep/mill.txt"]
    assert (built / "notes" / "deep" / "mill.txt").exists()
    (built / "notes" / "deep" / "new.txt").write_text("New.", "utf-8")
    try:
        for update in (lambda: me.post("update"), lambda: index.build(index_dir=library.index_dir)):
            update()
            me.wait()
            assert "notes/deep/new.txt" in sources(library)
            assert "notes/deep/mill.txt" not in sources(library)
        options = indexing.BuildOptions(index_dir=library.index_dir, add=True, json=True)
        indexing.build([str(built / "b")], options)
        assert "notes/deep/mill.txt" not in sources(library)
        (out,) = [one for one in me.documents(state="skipped")["documents"] if one["taken_out"]]
        assert out["source"] == "notes/deep/mill.txt"
        assert me.post("restore", {"source": "deep/none.txt"}).status_code == 404
        assert me.post("restore", {"source": out["source"]}).status_code == 202
        assert me.wait()["report"]["added"] == ["notes/deep/mill.txt"]
        assert list_documents(library.index_dir).options.get("removed") is None
    finally:
        (built / "notes" / "deep" / "new.txt").unlink()


@pytest.mark.slow
def test_everything_can_be_taken_out_and_something_else_added(site: Site, library: Library) -> None:
    me = Admin(site)
    for one in me.documents()["places"]:
        assert me.post("remove", {"place": one["key"]}).status_code == 202
        me.wait()
    assert sources(library) == set()
    assert me.state()["empty"] is True
    index.build(index_dir=library.index_dir)  # as `rag index` does: the samples don't come back
    assert sources(library) == set()
    reply = httpx.post(f"{site.url}/api/answer", json={"question": "What burnt down?"}, timeout=120)
    assert reply.status_code == 503 and reply.json()["error"]["message"].startswith("Nothing is indexed yet")
    assert me.post("update").json()["error"] == "nothing_indexed"
    assert me.upload("my trees.txt", TREES.encode()).status_code == 202
    assert me.wait()["report"]["added"] == ["my trees.txt"]
    answer = httpx.post(
        f"{site.url}/api/answer", json={"question": "How is the oldest tree called?"}, timeout=120
    ).json()
    assert answer["citations"][0]["source"] == "my trees.txt"
    (mine,) = me.documents()["documents"]
    assert me.post("remove", {"id": mine["id"]}).status_code == 202  # the last one goes like any other
    me.wait()
    assert sources(library) == set() and list(library.uploads.folder.iterdir()) == []


def test_who_is_not_at_this_machine_takes_out_documents_and_samples_and_sees_no_path(
    library: Library, built: Path
) -> None:
    remote = Library(library.index_dir, Rights(local=False, admin=True), Builds(library.index_dir))
    result = remote.places()
    assert str(built) not in str(result) and str(seeds_dir()) not in str(result)
    assert [(one["kind"], one["removable"]) for one in result] == [
        ("folder", False),
        ("folder", False),
        ("samples", True),
    ]
    assert library_routes(remote)


def test_what_is_added_again_comes_back_and_nothing_is_left_of_what_is_gone() -> None:
    assert settled(["/a", "/b"], [], [Change(drop=("/a",))]) == (("/b",), ())
    assert settled(["/a"], [], [Change(drop=("/a",))]) == (("/a",), ("/a",))
    assert settled([], [], [Change(add=("/c",))]) == (("/c",), ())
    assert settled(["/a"], ["/a/x", "/a/y"], [Change(add=("/a/x",))]) == (("/a",), ("/a/y",))
    assert settled(["/a"], ["/a/x", "/a/y"], [Change(add=("/a",))]) == (("/a",), ())
    assert settled(["/a", "/b"], ["/a/x"], [Change(drop=("/a",)), Change(add=("/a",))]) == (("/a", "/b"), ())
    uploaded = "/i-files/uploads/0123456789abcdef/a.txt"
    assert settled(["/i-files/uploads", "/b"], [uploaded], [Change(add=("/c",))])[1] == ()
