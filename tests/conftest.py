"""Fixtures for every test, and a guard: a test that reaches for the network fails."""

from __future__ import annotations

import atexit
import gc
import ipaddress
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from index.embedders.bundled.packed import PackedModel
    from index.embedders.bundled.tokens.unigram import Unigram

# The first example of a test pays for imports. Everybody gets the same examples, so that a change is judged by what it
# changed; `HYPOTHESIS_PROFILE=search` looks for new ones.
settings.register_profile("project", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["RAG_CACHE"] = tempfile.mkdtemp(prefix="rag-cache-")  # tests leave nothing in the user's own folder
atexit.register(shutil.rmtree, os.environ["RAG_CACHE"], ignore_errors=True)
os.environ["RAG_CONFIG"] = ""  # nor read what is set there
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"


# Files that take longest, most of it waiting: side by side with others they have to begin first, or the last of them
# runs on alone.
LONGEST = (
    "test_stalled", "test_no_leak", "test_serving", "test_surroundings", "test_library_page", "test_hostile_answer",
    "test_busy", "test_web", "test_embedders", "test_postgres_store", "test_postgres_build", "test_power",
    "test_llms_faults", "test_sources_attacks", "test_postgres_commands", "test_sources_sandbox", "test_library_names",
    "test_library_removal", "test_long_question", "test_attacks", "test_cli", "test_facade",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files that take longest begin first; with `--no-loadscope-reorder` they stay in this order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


# Objects between two collections of garbage; the tests of a run keep most of what they make until a test ends.
COLLECTED_EVERY = 20_000


def pytest_collection_finish() -> None:
    """Let the collector of garbage leave alone what lives as long as the run: thousands of tests and their modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_EVERY, 10, 10)


class NetworkBlockedError(AssertionError):
    """A test tried to leave this machine."""


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    host = address[0]
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _same_umask() -> Iterator[None]:
    """Give the next test the umask of this process: a server that a test starts here closes it for good."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sockets connect to loopback only, and names resolve only when they are local."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: object) -> object:
        if not _is_local(address):
            raise NetworkBlockedError(f"a test tried to connect to {address}")
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: object) -> object:
        if not _is_local(address):
            raise NetworkBlockedError(f"a test tried to connect to {address}")
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: object, *args: object, **kwargs: object) -> object:
        if host is not None and not _is_local((host.decode() if isinstance(host, bytes) else host, 0)):
            raise NetworkBlockedError(f"a test tried to resolve {host}")
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


@pytest.fixture(scope="session", autouse=True)
def _plain_texts_are_read_here() -> Iterator[None]:
    """Let builds read plain texts in this process, where starting a child takes longer than all else they do.

    Every other kind of file goes to the child process, and so do texts in `index.sources.sandbox.pool` itself.
    """
    from tests.harness.crash_harness import read_texts_here

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.building.build.read_many", read_texts_here)
        yield


@pytest.fixture(scope="session", autouse=True)
def _certificates_are_read_once() -> Iterator[None]:
    """Let clients of HTTP share what they read of the machine's certificates: each would read all of them anew."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("httpx", "httpx2"):  # the clients of language models bring the second
            with suppress(ImportError):
                patch.setattr(f"{name}._transports.default.create_ssl_context", _kept(import_module(name)))
        yield


def _kept(http: ModuleType) -> Callable[..., Any]:
    """Return what makes the context of a client, once for each place that certificates are read from."""

    @lru_cache
    def made(trust_env: bool, *_places: str | None) -> Any:
        return http.create_ssl_context(trust_env=trust_env)

    def kept(verify: Any = True, cert: Any = None, trust_env: bool = True) -> Any:
        if verify is not True or cert is not None:
            return http.create_ssl_context(verify, cert, trust_env)
        return made(trust_env, *(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if trust_env))

    return kept


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample articles, indexed with the bundled model once for all processes of a run; only to be asked."""
    import index
    from index.disk.locks import try_lock

    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "seeds-index"
    with folder.with_suffix(".lock").open("a") as lock:
        while not try_lock(lock.fileno()):
            time.sleep(0.1)
        if not folder.with_suffix(".built").exists():
            index.build([SEEDS], index_dir=folder)
            folder.with_suffix(".built").touch()
    return folder


@pytest.fixture(scope="session")
def packed() -> PackedModel:
    """The bundled embedder's weights."""
    from index.embedders.bundled.packed import bundled_model_path, read_packed

    return read_packed(bundled_model_path())


@pytest.fixture(scope="session")
def unigram(packed: PackedModel) -> Unigram:
    """Its tokenizer."""
    from index.embedders.bundled.tokens.unigram import Unigram

    return Unigram(packed)


@pytest.fixture
def seeds() -> Path:
    """The folder of sample articles."""
    return SEEDS


@pytest.fixture
def bench_data() -> Iterator[Path]:
    """The folder of public benchmark data; the test is skipped, saying so, where it is absent."""
    folder = os.environ.get("RAG_BENCH_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the benchmark data: set RAG_BENCH_DATA to its folder")
    yield Path(folder)


@pytest.fixture
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let builds read files here: starting child processes would only slow a test down that is about something else."""
    from tests.harness.crash_harness import read_here

    monkeypatch.setattr("index.building.build.read_many", read_here)


@pytest.fixture
def corpora(tmp_path: Path) -> dict[str, Path]:
    """Two folders of texts, A and B, that tell of the same things in other words."""
    from tests.harness.crash_harness import make_corpora

    return make_corpora(tmp_path)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder of four texts, one of them in a folder within."""
    from tests.harness.index_helpers import make_texts

    return make_texts(tmp_path / "texts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where an index is to be built."""
    return tmp_path / "index"
