"""The commands and the server in odd surroundings, with hostile file names, and when they are told to end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.harness.exfiltration import catching
from tests.harness.fault_server import FaultServer, fault_server

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, HOME and umask are POSIX")
TEXT = "The lighthouse of Aral was built by Maria Kovach in 1907. Its lamp burned 40 litres of oil a night.\n"
# Loaded by every Python that is started: writes down who is called by the machine.
WATCH = """
import os, sys
def look(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        place = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
        out = os.open(os.environ["CALLED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(out, f"{event} {place!r}\\n".encode())
        os.close(out)
sys.addaudithook(look)
"""


def environment(place: Path, **extra: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": f"{place}{os.pathsep}{ROOT}", "CALLED": str(place / "called"), "NO_COLOR": "1"} | extra


def start(place: Path, *arguments: str | Path, **extra: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ui.cli", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=place,
        env=environment(place, **extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        umask=0o077,
    )


def run(place: Path, *arguments: str | Path, **extra: str) -> tuple[int, str, str]:
    process = start(place, *arguments, **extra)
    out, errors = process.communicate(timeout=120)
    return process.returncode, out, errors


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a space and letters of several scripts in its name, a few texts in it, and the watcher."""
    folder = tmp_path / "my texts ümlaut 資料 عربي"
    (folder / "texts").mkdir(parents=True)
    (folder / "texts" / "منارة الأرال.md").write_text(TEXT, "utf-8")
    (folder / "sitecustomize.py").write_text(WATCH)
    return folder


def called(place: Path) -> list[str]:
    """Return whom the machine called, besides itself by number or by the name that every machine has."""
    with suppress(FileNotFoundError):
        lines = (place / "called").read_text("utf-8").splitlines()
        return [line for line in lines if not re.search(r"127\.0\.0\.1|'localhost'|'::1'|0\.0\.0\.0|None", line)]
    return []


def served(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"http://[\d.]+:\d+", line)
        if found:
            return found[0]
    raise AssertionError("the server did not start")


def ended(process: subprocess.Popen[str], signum: int) -> tuple[float, str]:
    """Tell a process to end; returns how long that took and what it had to say."""
    begin = time.monotonic()
    process.send_signal(signum)
    _, errors = process.communicate(timeout=30)
    return time.monotonic() - begin, errors


PROXIES = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), "PROXY")
NO_HOME = {"LANG": "C", "LC_ALL": "C", "TZ": "Asia/Kathmandu"} | PROXIES
BAD_HOME = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null/x", "TZ": "Nowhere/Nothing"}


@pytest.fixture(autouse=True)
def heed_interrupts() -> Iterator[None]:
    """A test run that a shell put into the background ignores Ctrl-C, and so would what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


SIGNALS = pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])


@pytest.mark.parametrize(
    "surroundings",
    [
        pytest.param(NO_HOME, id="no locale, no home, proxies"),
        pytest.param(BAD_HOME, id="a home that is no folder", marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow
def test_everything_works_in_odd_surroundings_and_calls_nobody(surroundings: dict[str, str], place: Path) -> None:
    with catching() as proxy:
        odd = {key: value.replace("PROXY", proxy.origin) for key, value in surroundings.items()}
        code, out, errors = run(place, "index", "texts", "--index", "my index", "--embedder", "hashing", **odd)
        assert (code, "1 added" in out) == (0, True), errors
        code, out, errors = run(place, "ask", "Who built the lighthouse?", "--index", "my index", **odd)
        assert (code, "Maria Kovach" in out) == (0, True), errors
        server = start(place, "chat", "--port", "0", "--index", "my index", **odd)
        try:
            url = served(server)
            with httpx.Client(trust_env=False, timeout=60) as http:
                assert http.get(url).status_code == 200
                answer = http.post(f"{url}/api/answer", json={"question": "Who built the lighthouse?"})
                assert "Maria Kovach" in answer.text
        finally:
            seconds, errors = ended(server, signal.SIGTERM)
        assert seconds < 8
        assert "Traceback" not in errors
        assert proxy.hits == set()
    assert called(place) == []
    index_files = [path for path in (place / "my index").rglob("*") if path.is_file()]
    assert index_files and all(path.stat().st_mode & 0o077 == 0 for path in index_files)


def test_the_watcher_sees_a_call(place: Path) -> None:
    code = "import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('192.0.2.1', 9))"
    subprocess.run([sys.executable, "-c", code], env=environment(place), check=True)
    assert "192.0.2.1" in called(place)[0]


NAMES = [
    b"line\nerror: all is lost.pdf",
    b"carriage\rreturn.pdf",
    b"escape\x1b[2J.pdf",
    b"bytes\xff\xfe.pdf",
    "override\u202efdp.txt".encode(),
    "separator\u2028line.pdf".encode(),
    b"<img src=x onerror=alert(1)>.pdf",
    b"%s%n{0}$(touch x)`touch x`;.pdf",
    b"-rf.pdf",
]


def test_hostile_names_take_one_line_each_and_act_nowhere(place: Path) -> None:
    for name in NAMES:
        path = os.path.join(os.fsencode(place / "texts"), name)  # noqa: PTH118 - no text holds these bytes
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(b"%PDF-1.4 broken")
    code, out, errors = run(place, "index", "texts", "--index", "idx", "--embedder", "hashing")
    assert code in (0, 1)
    result = [line for line in out.splitlines() if line.strip().startswith(("skipped:", "failed:"))]
    assert len(result) == len(NAMES)
    assert all(line.isprintable() for line in (out + errors).splitlines())
    assert not [line for line in out.splitlines() if line.startswith("error:")]
    code, out, errors = run(place, "status", "--index", "idx")
    shown = [line for line in out.splitlines() if line.startswith(("skipped", "failed"))]
    assert len(shown) == len(NAMES)
    assert all(line.isprintable() for line in (out + errors).splitlines())
    assert not list(place.rglob("x"))
    careless = "\n".join(os.fsdecode(name) for name in NAMES)
    assert len(careless.splitlines()) > len(NAMES)
    assert not all(line.isprintable() for line in careless.splitlines())


@pytest.fixture
def model() -> Iterator[FaultServer]:
    with fault_server() as running:
        yield running


def asked(model: FaultServer, process: subprocess.Popen[str]) -> None:
    """Wait until a process has asked the model."""
    deadline = time.monotonic() + 30
    while not model.requests:
        if time.monotonic() > deadline or process.poll() is not None:
            process.kill()
            raise AssertionError(process.communicate())
        time.sleep(0.02)


def built(place: Path) -> Path:
    code, _, errors = run(place, "index", "texts", "--index", "idx", "--embedder", "hashing")
    assert code == 0, errors
    return place / "idx"


@SIGNALS
@pytest.mark.slow
def test_a_question_that_waits_for_its_model_ends_at_once(signum: int, place: Path, model: FaultServer) -> None:
    index = built(place)
    llm = f"openai-compatible:m@{model.url('stall-first')}"
    process = start(
        place, "ask", "Who built the lighthouse?", "--index", index, "--llm", llm, RAG_OPENAI_COMPATIBLE_API_KEY="k"
    )
    asked(model, process)
    seconds, errors = ended(process, signum)
    assert seconds < 5
    assert process.returncode == 130
    assert "Traceback" not in errors


@pytest.mark.parametrize("signum", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_server_with_streams_under_way_ends_soon_without_a_traceback(
    signum: int, place: Path, model: FaultServer
) -> None:
    index = built(place)
    llm = f"openai-compatible:m@{model.url('stall')}"
    server = start(place, "chat", "--port", "0", "--index", index, "--llm", llm, RAG_OPENAI_COMPATIBLE_API_KEY="k")
    url = served(server)
    begun = threading.Event()

    def stream(path: str, method: str, body: object) -> None:
        with suppress(httpx.HTTPError), httpx.stream(method, url + path, json=body, timeout=30) as answer:
            for _ in answer.iter_bytes():
                begun.set()

    wanted = [
        ("/api/answer", "POST", {"question": "Who built the lighthouse?", "stream": True}),
        (
            "/v1/chat/completions",
            "POST",
            {"stream": True, "messages": [{"role": "user", "content": "Who built the lighthouse?"}]},
        ),
        ("/gradio_api/heartbeat/abc", "GET", None),
        ("/gradio_api/queue/data?session_hash=abc", "GET", None),
    ]
    threads = [threading.Thread(target=stream, args=one, daemon=True) for one in wanted]
    for thread in threads:
        thread.start()
    asked(model, server)
    assert begun.wait(30)
    seconds, errors = ended(server, signum)
    assert seconds <= 5
    assert "Traceback" not in errors, errors
    code, out, _ = run(place, "search", "lighthouse", "--index", index)
    assert (code, "Maria" in out) == (0, True)


@SIGNALS
@pytest.mark.slow
def test_a_build_at_work_ends_within_seconds(signum: int, place: Path) -> None:
    index = built(place)
    for number in range(600):
        (place / "texts" / f"{number}.txt").write_text(f"Text {number} tells of {number * 7} ships. " * 60, "utf-8")
    process = start(place, "index", "--index", index)
    while process.poll() is None and not list(index.glob("gen-*.tmp")):
        time.sleep(0.01)
    seconds, errors = ended(process, signum)
    assert seconds < 5
    assert "Traceback" not in errors
    assert process.returncode in (0, 130)
    code, out, _ = run(place, "search", "lighthouse", "--index", index)
    assert (code, "Maria" in out) == (0, True)
