"""Places elsewhere as sources: what changed is fetched, nothing is lost, no password is kept or shown."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

import index
from index.errors import SourceError
from index.sources.places import opening
from index.sources.places.addresses import belongs, check_place, host_of, is_place, is_remote, shown_place, user_of
from index.sources.places.filesystems import version_of
from index.sources.places.guarded import only_public
from index.sources.places.mailboxes import folder_name
from index.sources.places.patience import within
from index.sources.places.secrets import login_of, without_secrets
from index.sources.types import RefusedError, WebPolicy

SECRET = "pw-hunter2"


class Bucket(MemoryFileSystem):
    """A place whose versions, faults and reads a test sets; it tells `ETag`s as buckets do."""

    protocol = "memory"
    read: ClassVar[list[str]] = []
    broken: ClassVar[dict[str, Exception]] = {}
    plain: ClassVar[bool] = False
    links: ClassVar[set[str]] = set()

    def ls(self, path: str, detail: bool = True, **kwargs: Any) -> Any:
        path = self._strip_protocol(path)
        if path in self.broken:
            raise self.broken[path]
        return [self._told(each) for each in super().ls(path, detail=True, **kwargs)]

    def info(self, path: str, **kwargs: Any) -> Any:
        if "" in self.broken:
            raise self.broken[""]
        return self._told(super().info(path, **kwargs))

    def _told(self, info: dict[str, Any]) -> dict[str, Any]:
        if info["name"] in self.links:
            return {**info, "type": "link"}
        if info["type"] != "file" or self.plain:
            return info
        return {**info, "ETag": f'"{hash_of(self.store[info["name"]].getvalue())}"'}

    def _open(self, path: str, *args: Any, **kwargs: Any) -> Any:
        if "w" not in (args[0] if args else kwargs.get("mode", "rb")):
            type(self).read.append(path)
            if path in self.broken:
                raise self.broken[path]
        return super()._open(path, *args, **kwargs)


def hash_of(data: bytes) -> str:
    from hashlib import md5

    return md5(data, usedforsecurity=False).hexdigest()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, read_in_this_process: None) -> Iterator[Bucket]:
    fs = Bucket(skip_instance_cache=True)
    monkeypatch.setattr(Bucket, "read", [])
    monkeypatch.setattr(Bucket, "broken", {})
    monkeypatch.setattr(Bucket, "links", set())
    monkeypatch.setattr(Bucket, "plain", False)
    monkeypatch.setattr(fsspec, "get_filesystem_class", lambda scheme: Bucket)
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]
    put(fs, "/docs/lamp.txt", "The lighthouse was lit in 1849.")
    put(fs, "/docs/water/canal.md", "# Canal\n\nThe canal was dug in 1825.")
    yield fs
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]


def put(fs: Any, path: str, text: str | bytes) -> None:
    fs.pipe_file(path, text.encode() if isinstance(text, str) else text)


PLACE = "memory://docs"
LAMP, CANAL = f"{PLACE}/lamp.txt", f"{PLACE}/water/canal.md"


def build(folder: Path, *paths: str | Path, **options: Any) -> index.BuildReport:
    return index.build(paths or None, index_dir=folder, **{"embedder": "hashing", **options})


def texts(folder: Path) -> dict[str, str]:
    with index.open(folder) as opened:
        return {one.source: one.text for name in opened.store.document_ids() for one in [opened.store.document(name)]}


def test_what_lies_in_a_place_is_indexed_and_only_what_changed_is_fetched_again(bucket: Bucket, folder: Path) -> None:
    report = build(folder, PLACE)
    assert report.added == (LAMP, CANAL) and not index.status(folder).problems
    assert set(texts(folder)) == {LAMP, CANAL} and index.sources_of(folder) == (PLACE,)
    bucket.read.clear()
    again = build(folder)
    assert (again.generation, again.unchanged, bucket.read) == (1, (LAMP, CANAL), [])
    put(bucket, "/docs/lamp.txt", "The lighthouse was lit in 1850.")
    put(bucket, "/docs/new.txt", "The mill was built in 1901.")
    report = build(folder)
    assert (report.changed, report.added) == ((LAMP,), (f"{PLACE}/new.txt",))
    assert "1850" in texts(folder)[LAMP]
    assert sorted(bucket.read) == ["/docs/lamp.txt", "/docs/new.txt"]
    bucket.rm_file("/docs/water/canal.md")
    assert build(folder).removed == (CANAL,)
    assert len(list((folder / "places").iterdir())) == 4  # two copies with their notes


def test_a_copy_that_was_damaged_is_fetched_again(bucket: Bucket, folder: Path) -> None:
    build(folder, PLACE)
    (copy,) = (folder / "places").glob("*.txt")
    copy.write_text("The lighthouse was lit in 1066.")
    bucket.read.clear()
    build(folder)
    assert bucket.read == ["/docs/lamp.txt"] and "1849" in texts(folder)[LAMP]


def test_a_place_that_tells_no_versions_is_compared_by_content(bucket: Bucket, folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(Bucket, "plain", True)  # its times are those of this moment
    build(folder, PLACE)
    put(bucket, "/docs/lamp.txt", "The lighthouse was lit in 1850.")  # as long as before
    report = build(folder)
    assert report.changed == (LAMP,) and report.unchanged == (CANAL,)
    assert "1850" in texts(folder)[LAMP]


FAULTS = [
    ConnectionRefusedError("refused"),
    TimeoutError(),
    PermissionError(13, "Permission denied"),
    FileNotFoundError("/docs"),
    RuntimeError(f"401 for https://me:{SECRET}@host/?sig={SECRET}"),
]


def test_a_place_that_does_not_answer_loses_nothing(bucket: Bucket, folder: Path) -> None:
    build(folder, PLACE)
    for number, fault in enumerate(FAULTS):
        bucket.broken[""] = fault
        report = build(folder, rebuild=not number)
        assert sorted(name for name, _ in report.failed) == [LAMP, CANAL]
        assert all("the index keeps the earlier text" in reason and PLACE in reason for _, reason in report.failed)
        assert not report.removed and set(texts(folder)) == {LAMP, CANAL}
        assert SECRET not in str(report) + str(index.status(folder))
    bucket.broken.clear()
    bucket.read.clear()
    assert build(folder).failed == () and bucket.read == []  # the copies were kept
    assert set(texts(folder)) == {LAMP, CANAL}


def test_a_place_that_never_answered_is_named(bucket: Bucket, folder: Path, texts: Path) -> None:
    bucket.broken[""] = ConnectionRefusedError("refused")
    with pytest.raises(SourceError, match=r"memory://docs.*refused"):
        build(folder, PLACE)
    report = build(folder, texts, PLACE)
    assert [name for name, _ in report.failed] == [PLACE] and len(report.added) == 4
    bucket.broken.clear()
    report = build(folder)
    assert report.failed == () and report.added == (LAMP, CANAL)


def test_a_folder_that_cannot_be_listed_keeps_what_lay_in_it(bucket: Bucket, folder: Path) -> None:
    build(folder, PLACE)
    bucket.broken["/docs/water"] = PermissionError(13, "Permission denied")
    put(bucket, "/docs/lamp.txt", "The lighthouse was lit in 1850.")
    report = build(folder)
    assert (report.changed, report.removed, [name for name, _ in report.failed]) == ((LAMP,), (), [CANAL])
    assert set(texts(folder)) == {LAMP, CANAL}


def test_a_file_that_cannot_be_read_keeps_its_text_and_the_others_go_on(bucket: Bucket, folder: Path) -> None:
    build(folder, PLACE)
    put(bucket, "/docs/lamp.txt", "The lighthouse was lit in 1850.")
    put(bucket, "/docs/water/canal.md", "The canal was dug in 1826.")
    bucket.broken["/docs/lamp.txt"] = OSError(5, "Input/output error")
    report = build(folder)
    assert (report.changed, [name for name, _ in report.failed]) == ((CANAL,), [LAMP])
    found = texts(folder)
    assert "1849" in found[LAMP] and "1826" in found[CANAL]


def test_a_place_that_dies_while_it_is_read_is_given_up(bucket: Bucket, folder: Path) -> None:
    build(folder, PLACE)
    for number in range(20):
        put(bucket, f"/docs/n{number:02}.txt", f"House {number} was built.")
        bucket.broken[f"/docs/n{number:02}.txt"] = ConnectionResetError("reset")
    bucket.read.clear()
    report = build(folder)
    assert len(report.failed) == 20 and len(bucket.read) == 5  # each further one would have cost its full time
    assert set(texts(folder)) == {LAMP, CANAL}


def test_limits_patterns_and_names_are_those_of_files(bucket: Bucket, folder: Path) -> None:
    for path, text in {
        "/docs/.hidden.txt": "Hidden.",
        "/docs/.git/config.txt": "Hidden.",
        "/docs/large.txt": "x" * 2000,
        "/docs/skip.log.txt": "Left out by a pattern.",
        "/docs/private/a.txt": "Left out by the folder's own file.",
        "/docs/.ragignore": "private/\n",
        "/docs/a\nb\x1b[31m.txt": "A name that acts.",
        "/docs/link.txt": "Elsewhere.",
    }.items():
        put(bucket, path, text)
    bucket.links.add("/docs/link.txt")
    report = build(folder, PLACE, exclude=["*.log.txt"], max_file_bytes=1000)
    assert report.added == (LAMP, CANAL) and report.failed == ()
    reasons = {name.removeprefix(f"{PLACE}/"): reason for name, reason in report.skipped}
    assert reasons["large.txt"].startswith("2,000 bytes") and reasons["link.txt"] == "a link"
    assert reasons["skip.log.txt"] == "excluded by a pattern" and reasons["private"].startswith("left out by")
    assert reasons[".hidden.txt"] == reasons[".git"] == "hidden"
    assert "control characters" in reasons[r"a\nb\x1b[31m.txt"]
    assert not any("\n" in f"{name}{reason}" for name, reason in report.skipped)


def test_a_place_with_too_many_files_is_not_cut_in_silence(bucket: Bucket, folder: Path) -> None:
    build(folder, PLACE)
    put(bucket, "/docs/third.txt", "One too many.")
    report = build(folder, PLACE, web=WebPolicy(max_files=2))
    assert len(report.failed) == 2 and all("more than 2 files" in reason for _, reason in report.failed)
    assert set(texts(folder)) == {LAMP, CANAL}


def test_one_file_can_be_a_place(bucket: Bucket, folder: Path) -> None:
    assert build(folder, LAMP).added == (LAMP,)
    assert build(folder).unchanged == (LAMP,)


def test_a_place_that_nobody_names_any_more_goes(bucket: Bucket, folder: Path, texts: Path) -> None:
    build(folder, PLACE, texts)
    report = build(folder, texts)
    assert report.removed == (LAMP, CANAL) and not list((folder / "places").iterdir())


def test_other_updates_leave_places_alone(bucket: Bucket, folder: Path) -> None:
    build(folder, PLACE)
    bucket.broken[""] = ConnectionRefusedError("refused")
    assert build(folder, revisit=False).failed == ()
    assert set(texts(folder)) == {LAMP, CANAL}


def test_names_that_lead_out_of_a_place_are_left_out(bucket: Bucket, monkeypatch: Any, folder: Path) -> None:
    result = (
        {"name": "/docs/../../etc/passwd", "size": 5, "type": "file"},
        {"name": "/other/x.txt", "size": 5, "type": "file"},
    )
    ls = Bucket.ls
    monkeypatch.setattr(Bucket, "ls", lambda self, path, **more: [*ls(self, path, **more), *result])
    report = build(folder, PLACE)
    assert report.added == (LAMP, CANAL) and not any("passwd" in path for path in bucket.read)
    assert sum("leads out" in reason for _, reason in report.skipped) == 2


def test_a_folder_that_holds_itself_ends(bucket: Bucket, monkeypatch: Any, folder: Path) -> None:
    ls = Bucket.ls
    again = {"name": "/docs", "size": 0, "type": "directory"}
    monkeypatch.setattr(Bucket, "ls", lambda self, path, **more: [*ls(self, path, **more), again])
    assert build(folder, PLACE).added == (LAMP, CANAL)


@pytest.mark.parametrize(
    ("place", "expected", "user"),
    [
        (f"sftp://me:{SECRET}@host:22/x", "sftp://me@host:22/x", "me"),
        (f"sftp://me:p/{SECRET}@host/x", "sftp://me@host/x", "me"),
        (f"sftp://me:p?{SECRET}@host/x", "sftp://me@host/x", "me"),
        (f"sftp://me:p#{SECRET}@host/x", "sftp://me@host/x", "me"),
        (f"smb://me:p@{SECRET}@host/x", "smb://me@host/x", "me"),
        (f"webdav+https://me:{SECRET}@host/x?token={SECRET}", "webdav+https://me@host/x", "me"),
        (f"abfs://box@account.dfs.core.windows.net/x?sig={SECRET}", "abfs://box@account.dfs.core.windows.net/x", "box"),
        (f"imaps://me%40x.org:{SECRET}@host/INBOX", "imaps://me%40x.org@host/INBOX", "me%40x.org"),
        (f"gist://me:{SECRET}@123/", "gist://me@123/", "me"),
        ("s3://bucket/x\n", "s3://bucket/x", ""),
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(
    place: str, expected: str, user: str, folder: Path
) -> None:
    assert shown_place(place) == expected and shown_place(expected) == expected
    with pytest.raises(SourceError) as refused:
        build(folder, place)
    assert SECRET not in str(refused.value) and "no password" in str(refused.value)
    assert not folder.exists() or SECRET not in "".join(map(str, folder.rglob("*")))


def test_addresses_are_told_from_paths_and_pages() -> None:
    assert is_place("s3://b/x") and is_place("WebDAV+https://h/") and not is_place("https://h/")
    assert not is_place("C://x") and not is_place("/tmp/x") and is_remote("https://h/") and is_remote("gs://b")
    assert user_of("imaps://me%40x.org@[::1]:993/In") == "me@x.org"
    assert host_of("imaps://me@x.org@[::1]:993/In") == ("::1", 993) and host_of("s3://b/a@b:c") == ("b", 0)
    assert shown_place("github://owner:repo@main/docs") == "github://owner:repo@main/docs"
    assert belongs("s3://b/x/y", "s3://b/x/") and not belongs("s3://b/xy", "s3://b/x")
    for place in ("file:///etc", "local:///etc", "simplecache::s3://b", "zip://x", "reference://x", "git:///repo"):
        with pytest.raises(SourceError):
            check_place(place)


def test_a_kind_of_place_that_there_is_not_is_said_in_one_line(folder: Path) -> None:
    for place, expected in (("nonsense://x", "no such kind of place"), ("postgresql://db/x", "no such kind of place")):
        with pytest.raises(SourceError, match=expected):
            build(folder, place)
    with pytest.raises(SourceError, match=r"a package is missing: .*dropboxdrivefs"):
        build(folder, "dropbox://x")


OLD = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_versions_change_with_what_a_place_tells() -> None:
    assert version_of({"ETag": '"a"', "size": 5}) != version_of({"ETag": '"b"', "size": 5}) != ""
    assert version_of({"mtime": OLD, "size": 5}) == version_of({"mtime": OLD, "size": 5}) != ""
    assert version_of({"mtime": OLD, "size": 5}) != version_of({"mtime": OLD, "size": 6})
    assert version_of({"modify": "20260102030405", "size": 5}) != ""
    assert version_of({"sha": "abc"}) != "" == version_of({"size": 5})
    assert version_of({"mtime": OLD.timestamp() + 1}, now=OLD.timestamp() + 2) == ""  # it may change within the tick
    assert version_of({"mtime": "long ago", "size": 5}) == ""


def test_passwords_come_from_the_environment_or_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "netrc"
    kept.write_text(f"machine mail.x.org login me password {SECRET}\n")
    kept.chmod(0o600)
    monkeypatch.setenv("NETRC", str(kept))
    assert login_of("mail.x.org", "me") == login_of("mail.x.org", "") == ("me", SECRET)
    assert login_of("mail.x.org", "you") == ("you", "") and login_of("other", "me") == ("me", "")
    monkeypatch.setenv("RAG_PASSWORD_MAIL_X_ORG", "other")
    assert login_of("mail.x.org", "me") == ("me", "other")
    kept.write_text("nonsense")
    with pytest.raises(RefusedError, match="file of passwords"):
        login_of("h", "me")


def test_what_a_library_says_loses_its_secrets() -> None:
    said = f"GET https://me:x@h/p?sig=abc failed\nkey {SECRET}"
    assert without_secrets(said, ["", SECRET]) == "GET https://h/p failed key …"


def test_nobody_waits_for_ever() -> None:
    with pytest.raises(RefusedError, match=r"does not answer within 0\.05 s"):
        within(0.05, threading.Event().wait)
    with pytest.raises(KeyError):
        within(60, lambda: {}["x"])
    assert within(60, lambda: 5) == 5


def test_a_place_that_a_visitor_named_may_not_lead_inside(
    bucket: Bucket, folder: Path, texts: Path, monkeypatch: Any
) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def connecting(self: Any, path: str, **_: Any) -> Any:
        socket.create_connection(("localhost", port), timeout=60).close()
        return MemoryFileSystem.info(self, path)

    monkeypatch.setattr(Bucket, "info", connecting)
    place = "s3://docs"
    monkeypatch.setattr(
        Bucket,
        "_strip_protocol",
        classmethod(lambda cls, path: "/" + path.partition("://")[2].strip("/") if "://" in path else path),
    )
    try:
        report = build(folder, texts, place, guarded=[place])
        assert report.skipped[-1][0] == place and "this machine or its network" in report.skipped[-1][1]
        assert len(report.added) == 4
        assert (
            build(folder).skipped == build(folder, texts, place).skipped == report.skipped
        )  # remembered, named or not
        allowed = build(folder, texts, place, web=WebPolicy(allow_private=True))
        assert len(allowed.added) == 2
        socket.create_connection(("127.0.0.1", port), timeout=60).close()  # nothing else was shut
        with only_public(), pytest.raises(PermissionError):
            socket.create_connection(("127.0.0.1", port), timeout=60)
    finally:
        listening.close()
    for inside in ("memory://docs", "hdfs://host/x"):
        with (
            pytest.raises(RefusedError, match="no kind of place that visitors"),
            opening.opened(inside, 60, 10, public=True),
        ):
            pass


def test_the_manifest_holds_the_address_alone(bucket: Bucket, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fsspec.config.conf, "memory", {"skip_instance_cache": True, "token": SECRET})
    monkeypatch.setattr(Bucket, "__init__", lambda self, **_: MemoryFileSystem.__init__(self))
    build(folder, PLACE)
    for path in folder.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()
    assert json.loads(next(folder.rglob("manifest.json")).read_bytes())["roots"] == [PLACE]


def test_a_backup_holds_the_copies(bucket: Bucket, folder: Path, tmp_path: Path) -> None:
    build(folder, PLACE)
    index.back_up(tmp_path / "all.tar", folder)
    index.restore(tmp_path / "all.tar", tmp_path / "again")
    bucket.read.clear()
    assert build(tmp_path / "again").unchanged == (LAMP, CANAL) and bucket.read == []


def test_names_of_mail_folders_are_written_as_the_protocol_does() -> None:
    assert folder_name("Entwürfe") == "Entw&APw-rfe" and folder_name("A&B") == "A&-B"
    assert folder_name("台北/日本語") == "&U,BTFw-/&ZeVnLIqe-" and folder_name("INBOX") == "INBOX"
