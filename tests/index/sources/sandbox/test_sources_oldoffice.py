"""Word, Excel and PowerPoint files of before 2007: made new by LibreOffice in a confined child, or named."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.errors import SourceError
from index.sources.discovery import discover
from index.sources.sandbox import oldoffice, pool
from index.sources.sandbox.confine import confine
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadResult
from tests.harness.partly_slow import partly_slow

needs_libreoffice = pytest.mark.skipif(
    not oldoffice.libreoffice(), reason="needs LibreOffice (Debian: libreoffice-writer-nogui, -calc-nogui)"
)
needs_kernel = pytest.mark.skipif(sys.platform != "linux" or not Path("/bin/bash").exists(), reason="needs Linux, bash")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _old(folder: Path, name: str, text: str, kind: str) -> Path:
    """Make an old file with LibreOffice itself."""
    source = folder / name
    source.write_text(text, encoding="utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    wanted = ["--convert-to", kind, "--outdir", str(folder / "in"), str(source)]
    program = oldoffice.libreoffice()
    subprocess.run([program, "--headless", profile, *wanted], check=True, timeout=120, capture_output=True)
    return folder / "in"


def _read(folder: Path) -> ReadResult | SourceError:
    ((_, result),) = read_many(discover([folder]).files, workers=1)
    return result


def _soon_nothing_is_left(seconds: float = 15.0) -> bool:
    """Tell whether no conversion's files lie there at some moment: other tests may be converting meanwhile."""
    end = time.monotonic() + seconds
    while any(list(Path("/tmp").glob(pattern)) for pattern in ("babelquote-office-*", "OSL_PIPE*")):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@needs_libreoffice
@pytest.mark.parametrize(
    ("name", "kind", "text", "words"),
    partly_slow(
        [
            ("a.txt", "doc", "The relay was stopped on Monday.\n\nДо пятницы.\n", "stopped on Monday.\n\nДо пятницы."),
            ("a.csv", "xls", "Branch,Share\nLyon,7.5%\n", "Branch: Lyon | Share: 7.5%"),
        ]
    ),
)
def test_an_old_file_is_read_with_its_own_name(tmp_path: Path, name: str, kind: str, text: str, words: str) -> None:
    result = _read(_old(tmp_path, name, text, kind))
    assert isinstance(result, ReadResult)
    (document,) = result.documents
    assert words in document.text
    assert document.source == f"in/a.{kind}"
    assert result.warnings == (f"in/a.{kind}: converted by LibreOffice before it was read",)
    assert _soon_nothing_is_left(), "a conversion's folder or pipe stays in the temporary folder"


@needs_libreoffice
@pytest.mark.slow
def test_a_damaged_file_and_a_slow_one_cost_only_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.doc").write_bytes(OLE + os.urandom(900) + "WordDocument".encode("utf-16-le") + os.urandom(900))
    (folder / "b.txt").write_text("Words that can be read.", encoding="utf-8")
    results = dict(read_many(discover([folder]).files, workers=1))
    damaged, sound = (result for _, result in sorted((file.source, result) for file, result in results.items()))
    assert isinstance(damaged, SourceError)
    assert "LibreOffice could not read it" in damaged.reason
    assert isinstance(sound, ReadResult)
    monkeypatch.setattr(oldoffice, "SECONDS", 0.01)
    (folder / "b.txt").unlink()
    late = _read(folder)
    assert isinstance(late, SourceError)
    assert "took more than" in late.reason


def test_without_libreoffice_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sources.sandbox.oldoffice.libreoffice", lambda: "")
    for name, mark, package in (
        ("a.doc", "WordDocument", "libreoffice-writer-nogui"),
        ("a.xls", "Workbook", "libreoffice-calc-nogui"),
        ("a.ppt", "PowerPoint Document", "libreoffice-impress-nogui"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_bytes(OLE + bytes(600) + mark.encode("utf-16-le") + bytes(600))
        result = _read(folder)
        assert isinstance(result, SourceError)
        assert package in result.reason


def test_only_old_office_files_are_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sources.sandbox.oldoffice.libreoffice", lambda: "/nonexistent")
    (tmp_path / "notes.doc").write_text("Plain words in a file that is called so.", encoding="utf-8")
    result = _read(tmp_path)
    assert isinstance(result, ReadResult)
    assert result.warnings == ()


def _confined(folder: Path, script: str) -> str:
    """Run a script of the shell in the place of LibreOffice; returns what it wrote into its folder."""
    child = [sys.executable, "-P", "-m", "index.sources.sandbox.converter", str(folder), "/bin/bash", "-c", script]
    root = str(Path(oldoffice.__file__).resolve().parents[3])
    subprocess.run(child, cwd=folder, env={"PYTHONPATH": root, "PATH": "/usr/bin:/bin"}, timeout=60, check=False)
    output = folder / "told"
    return output.read_text(encoding="utf-8") if output.exists() else ""


@needs_kernel
@pytest.mark.skipif(shutil.which("cat") is None, reason="needs cat")
def test_the_converter_reads_and_writes_only_its_own_folder(tmp_path: Path) -> None:
    probe = subprocess.run(
        [sys.executable, "-c", f"from {confine.__module__} import confine; print(sorted(confine()))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(oldoffice.__file__).resolve().parents[3],
    )
    if "landlock" not in probe.stdout:
        pytest.skip("this kernel has no Landlock")
    secret, outside, own = tmp_path / "secret", tmp_path / "outside", tmp_path / "own"
    secret.write_text("PLANTED", encoding="utf-8")
    own.mkdir()
    output = _confined(own, f"echo ran > told; cat {secret} /etc/passwd >> told 2>/dev/null; echo x > {outside}")
    assert output == "ran\n"
    assert not outside.exists()


@needs_kernel
def test_the_converter_reaches_no_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        met: list[object] = []

        def listen() -> None:
            try:
                met.append(server.accept())
            except OSError:
                return

        waiting = threading.Thread(target=listen, daemon=True)
        waiting.start()
        port = server.getsockname()[1]
        output = _confined(tmp_path, f"echo ran > told; exec 3<>/dev/tcp/127.0.0.1/{port} && echo met >> told")
    assert output == "ran\n"
    assert not met


def _mail(subject: str, *files: tuple[str, bytes], inner: EmailMessage | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Mei <mei@example.org>", "ann@example.org", subject
    message.set_content("See what is attached.")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if inner is not None:
        message.add_attachment(inner)
    return message


@needs_libreoffice
@pytest.mark.slow
def test_old_files_attached_to_mail_are_read_also_within_a_message_within_it(tmp_path: Path) -> None:
    doc = (_old(tmp_path, "a.txt", "The relay was stopped on Monday.\n", "doc") / "a.doc").read_bytes()
    xls = (_old(tmp_path, "b.csv", "Branch,Share\nLyon,7.5%\n", "xls") / "b.xls").read_bytes()
    outer = _mail("Report", ("minutes.doc", doc), inner=_mail("Shares", ("shares", xls), ("broken.doc", doc[:600])))
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "a.eml").write_bytes(outer.as_bytes())
    result = _read(folder)
    assert isinstance(result, ReadResult)
    outcome = {document.title: document.text for document in result.documents}
    assert outcome["minutes.doc, attachment of Report"] == "The relay was stopped on Monday."
    assert outcome["b (shares), attachment of Shares"].endswith("Branch: Lyon | Share: 7.5%")
    assert "mail/a.eml: minutes.doc: converted by LibreOffice before it was read" in result.warnings
    assert any("the attachment 'broken.doc' was not read" in warning for warning in result.warnings)
    assert not list(Path("/tmp").glob("babelquote-office-*"))


def test_an_attached_old_file_is_named_with_its_remedy_where_there_is_no_libreoffice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "libreoffice", lambda: "")
    data = OLE + bytes(600) + "WordDocument".encode("utf-16-le")
    (tmp_path / "a.eml").write_bytes(_mail("Report", ("minutes.doc", data)).as_bytes())
    result = _read(tmp_path)
    assert isinstance(result, ReadResult)
    assert any("minutes.doc" in warning and "install LibreOffice" in warning for warning in result.warnings)
