"""Places of clouds and shares on servers of this machine: Google's and Azure's buckets, SMB, a repository of GitHub."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import SourceError
from tests.harness.cloud_servers import AZURE_ACCOUNT, AZURE_KEY, azure, gcs, github, smb
from tests.harness.place_servers import PASSWORD
from tests.index.sources.places.test_places_real import build, fetched, follows_a_place, of_folder

__all__ = ["fetched"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("read_in_this_process")]


def test_google_s_storage(folder: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with gcs() as (address, stop):
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
        monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # by gRPC, which the emulator does not speak
        import fsspec.config
        import gcsfs

        monkeypatch.setitem(fsspec.config.conf, "gs", {"token": "anon", "project": "p"})
        fs = gcsfs.GCSFileSystem(token="anon", project="p", skip_instance_cache=True, use_listings_cache=False)
        fs.mkdir("books")
        fs.pipe_file("books/elsewhere/x.txt", b"Not of this place.")
        with pytest.raises(SourceError, match="there is nothing"):
            build(folder, "gs://books/typo")
        put = lambda name, text: fs.pipe_file(f"books/mine/{name}", text.encode())  # noqa: E731
        follows_a_place("gs://books/mine/", folder, fetched, put, lambda name: fs.rm_file(f"books/mine/{name}"), stop)


def test_azure_s_storage(folder: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with azure() as (connection, stop):
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
        import adlfs

        fs = adlfs.AzureBlobFileSystem(connection_string=connection, skip_instance_cache=True, use_listings_cache=False)
        fs.mkdir("books")
        fs.pipe_file("books/elsewhere/x.txt", b"Not of this place.")
        place = f"abfs://books@{AZURE_ACCOUNT}.dfs.core.windows.net"
        with pytest.raises(SourceError, match="there is nothing"):
            build(folder, f"{place}/typo")
        put = lambda name, text: fs.pipe_file(f"books/mine/{name}", text.encode(), overwrite=True)  # noqa: E731
        follows_a_place(f"{place}/mine/", folder, fetched, put, lambda name: fs.rm_file(f"books/mine/{name}"), stop)
        assert not any(AZURE_KEY.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_windows_share(tmp_path: Path, folder: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "files").mkdir()
    with smb(tmp_path / "server", tmp_path / "files") as served:
        monkeypatch.setenv("RAG_PASSWORD_127_0_0_1", "wrong")
        with pytest.raises(SourceError):
            build(folder, served.place)
        monkeypatch.setenv("RAG_PASSWORD_127_0_0_1", PASSWORD)
        follows_a_place(served.place, folder, fetched, *of_folder(served), served.stop)


def test_a_repository_of_github(
    tmp_path: Path, folder: Path, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsspec.implementations.github import GithubFileSystem

    files = tmp_path / "files" / "docs"
    files.mkdir(parents=True)
    with github("acme", "Papers", "main", tmp_path / "files") as (address, stop):
        for name in ("url", "content_url"):
            method = getattr(GithubFileSystem, name)
            monkeypatch.setattr(GithubFileSystem, name, method.replace("https://api.github.com", address))
        with pytest.raises(SourceError, match="there is nothing"):
            build(folder, "github://acme:Papers@main/typo")

        def put(name: str, text: str) -> None:
            (files / name).parent.mkdir(exist_ok=True)
            (files / name).write_text(text, encoding="utf-8")

        place = "github://acme:Papers@main/docs/"
        follows_a_place(place, folder, fetched, put, lambda name: (files / name).unlink(), stop)
