"""Places on real servers: S3, WebDAV, SFTP and IMAP give their texts, their changes, and nothing when they are gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import index
from index.errors import SourceError
from index.sources.places import copies
from tests.harness.place_servers import PASSWORD, Served, dovecot, s3, sftp, webdav
from tests.harness.tls_front import write_certificate

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("read_in_this_process")]

LAMP, CANAL = "The lighthouse was lit in 1849.", "The canal was dug in 1825."


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tell what is fetched."""
    found: list[str] = []
    fetch = copies.fetched

    def noted(entry: Any, source: str, *rest: Any) -> Any:
        found.append(source)
        return fetch(entry, source, *rest)

    monkeypatch.setattr(copies, "fetched", noted)
    return found


def build(folder: Path, *paths: str, **options: Any) -> index.BuildReport:
    return index.build(paths or None, index_dir=folder, **{"embedder": "hashing", **options})


def texts(folder: Path) -> dict[str, str]:
    with index.open(folder) as opened:
        return {one.source: one.text for name in opened.store.document_ids() for one in [opened.store.document(name)]}


def holds_no_secret(folder: Path, *texts: object) -> bool:
    secret = PASSWORD.encode()
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return not any(secret in data for data in kept) and PASSWORD not in str(texts)


def follows_a_place(
    place: str, folder: Path, fetched: list[str], put: Callable[[str, str], None], remove: Callable[[str], None],
    stop: Callable[[], None],
) -> None:  # fmt: skip
    """Index, change, remove and lose a place."""
    put("lamp.txt", LAMP)
    put("water/canal ä #1.txt", CANAL)
    inner = place.rstrip("/")
    lamp, canal = f"{inner}/lamp.txt", f"{inner}/water/canal ä #1.txt"
    time.sleep(4)  # what changed this moment is looked at once more
    report = build(folder, place)
    assert report.added == (lamp, canal) and not report.failed, report
    fetched.clear()
    assert build(folder).unchanged == (lamp, canal)
    assert fetched == []
    put("lamp.txt", LAMP.replace("1849", "1850"))  # as long as before
    report = build(folder)
    assert report.changed == (lamp,) and fetched == [lamp]
    assert "1850" in texts(folder)[lamp] and texts(folder)[canal] == CANAL
    remove("water/canal ä #1.txt")
    assert build(folder).removed == (canal,)
    stop()
    report = build(folder, web=index.WebPolicy(seconds=20.0))
    assert [name for name, _ in report.failed] == [lamp] and not report.removed
    assert "1850" in texts(folder)[lamp]
    assert holds_no_secret(folder, report, index.status(folder))


def of_folder(served: Served) -> tuple[Callable[[str, str], None], Callable[[str], None]]:
    def put(name: str, text: str) -> None:
        (served.folder / name).parent.mkdir(exist_ok=True)
        (served.folder / name).write_text(text, encoding="utf-8")

    return put, lambda name: (served.folder / name).unlink()


def test_webdav(tmp_path: Path, folder: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "files").mkdir()
    with webdav(tmp_path / "files") as served:
        with pytest.raises(SourceError) as refused:
            build(folder, served.place)
        assert "401" in str(refused.value) or "nauthorized" in str(refused.value)
        monkeypatch.setenv("RAG_PASSWORD_127_0_0_1", PASSWORD)
        follows_a_place(served.place, folder, fetched, *of_folder(served), served.stop)


def test_sftp(tmp_path: Path, folder: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "files").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RAG_PASSWORD_127_0_0_1", PASSWORD)
    with sftp(tmp_path / "files", tmp_path / "home") as served:
        follows_a_place(served.place, folder, fetched, *of_folder(served), served.stop)


def test_an_sftp_server_whose_key_is_not_known_gets_no_password(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "lamp.txt").write_text(LAMP)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RAG_PASSWORD_127_0_0_1", PASSWORD)
    with sftp(tmp_path / "files", tmp_path / "home") as served:
        (tmp_path / "home" / ".ssh" / "known_hosts").write_text("")
        with pytest.raises(SourceError, match="not found in known_hosts"):
            build(folder, served.place)


def test_s3(folder: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "me",
        "AWS_SECRET_ACCESS_KEY": PASSWORD.encode("ascii", "replace").decode(),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    with s3() as (port, stop):
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        import s3fs

        fs = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
        fs.mkdir("books")
        fs.pipe_file("books/elsewhere/x.txt", b"Not of this place.")
        with pytest.raises(SourceError, match="there is nothing"):
            build(folder, "s3://books/typo")
        put = lambda name, text: fs.pipe_file(f"books/mine/{name}", text.encode())  # noqa: E731
        follows_a_place("s3://books/mine/", folder, fetched, put, lambda name: fs.rm_file(f"books/mine/{name}"), stop)


def message(subject: str, text: str, attachment: str = "") -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "mia@example.org", "me@example.org"
    made["Date"] = "Mon, 02 Feb 2026 10:00:00 +0000"
    made.set_content(text)
    if attachment:
        made.add_attachment(attachment.encode(), maintype="text", subtype="plain", filename="notes.txt")
    return made.as_bytes()


def test_imap(tmp_path_factory: Any, folder: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path_factory.mktemp("mail")
    pem = write_certificate(base, "localhost")
    with dovecot(pem, pem) as served:
        (served.folder / "new" / "1.a").write_bytes(message("The lamp", LAMP))
        (served.folder / "new" / "2.b").write_bytes(message("The canal", CANAL, "The mill was built in 1901."))
        with pytest.raises(SourceError, match="no user or no password"):
            build(folder, served.place)
        monkeypatch.setenv("RAG_PASSWORD_LOCALHOST", "wrong")
        with pytest.raises(SourceError, match="CERTIFICATE_VERIFY_FAILED"):
            build(folder, served.place)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        with pytest.raises(SourceError, match="does not let this user in"):
            build(folder, served.place)
        monkeypatch.setenv("RAG_PASSWORD_LOCALHOST", PASSWORD)
        with pytest.raises(SourceError, match="there is no such folder"):
            build(folder, served.place.replace("INBOX", "Entwürfe"))
        report = build(folder, served.place)
        lamp, canal = report.added
        assert lamp.startswith(f"{served.place};UIDVALIDITY=") and lamp.endswith("/;UID=1")
        found = texts(folder)
        assert LAMP in found[lamp] and "1901" in " ".join(found.values())
        assert not list((served.folder / "cur").glob("*S"))  # nothing is marked as read
        fetched.clear()
        assert (build(folder).unchanged, fetched) == ((lamp, canal), [])
        (served.folder / "new" / "3.c").write_bytes(message("The pier", "The pier was rebuilt in 1988."))
        (added,) = build(folder).added
        assert fetched == [added] and added.endswith("/;UID=3")
        renumbered(served.folder)
        report = build(folder)  # the same messages by other numbers: nothing is lost, nothing embedded again
        assert len(report.renamed) == 3 and not report.failed and report.embedded == 0
        served.stop()
        report = build(folder, web=index.WebPolicy(seconds=20.0))
        assert len(report.failed) == 3 and any("1901" in text for text in texts(folder).values())
        assert holds_no_secret(folder, report, index.status(folder))


def renumbered(mailbox: Path) -> None:
    """Have the server number its messages anew, as after a restored backup."""
    for path in mailbox.glob("dovecot*"):
        path.unlink()
    time.sleep(1.1)  # the new UIDVALIDITY is the time in seconds
