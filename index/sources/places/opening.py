"""Opens places: finds what reaches each kind, with its credentials, and says what goes wrong without telling them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from types import TracebackType
from typing import Any
from urllib.parse import quote

from index.sources.places.addresses import check_place, host_of, scheme_of, user_of
from index.sources.places.base import Entry, LeftOut, Place
from index.sources.places.filesystems import Filesystem
from index.sources.places.guarded import NETWORKED, PrivateAddressError, only_public
from index.sources.places.mailboxes import open_mailbox
from index.sources.places.patience import within
from index.sources.places.secrets import login_of, secrets_in, without_secrets
from index.sources.types import RefusedError

__all__ = ["Opened", "opened"]

_WEBDAV = {"webdav+https": "https", "davs": "https", "webdav+http": "http", "dav": "http"}
_WITH_LOGIN = frozenset({"ftp", "sftp", "smb", "ssh", *_WEBDAV})


@dataclass(frozen=True, slots=True)
class Opened:
    """A place that is open, whose failures come in our own words.

    Attributes:
        place: the place.
        secrets: what must not be shown.
    """

    place: Place
    secrets: list[str]

    def entries(self) -> Iterator[Entry | LeftOut]:
        """Go through what lies there; see `Place.entries`. All failures are a `RefusedError`."""
        with _AsRefusal(self.secrets):
            for found in self.place.entries():
                yield replace(found, read=partial(self._read, found.read)) if isinstance(found, Entry) else found

    def _read(self, read: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        with _AsRefusal(self.secrets):
            yield from read()


@contextmanager
def opened(place: str, seconds: float, most_bytes: int, *, public: bool = False) -> Iterator[Opened]:
    """Open a place for a block.

    Args:
        place: its address.
        seconds: that one step may take.
        most_bytes: of one thing in it.
        public: whether it may only lead to public addresses.

    Raises:
        SourceError: the address is none.
        RefusedError: it can't be reached.
    """
    check_place(place)
    if public and scheme_of(place) not in NETWORKED:
        raise RefusedError("is no kind of place that visitors can name", skipped=True)
    around: AbstractContextManager[None] = only_public() if public else nullcontext()
    secrets = list[str]()
    with around:
        with _AsRefusal(secrets):
            found = within(seconds, lambda: _open(place, seconds, most_bytes, secrets))
        try:
            yield Opened(found, secrets)
        finally:
            with suppress(OSError, RefusedError):
                within(seconds, found.close)


class _AsRefusal:
    """Turns what the library of a place raises into a `RefusedError`: they raise what they like, mostly their own."""

    def __init__(self, secrets: list[str]) -> None:
        self._secrets = secrets

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, RefusedError):
            raise _reason(error, self._secrets) from error


def _reason(error: Exception, secrets: list[str]) -> RefusedError:
    chain, cause = [error], error.__cause__ or error.__context__
    while isinstance(cause, Exception) and len(chain) < 8:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(each, PrivateAddressError) for each in chain):
        fix = "private addresses must be allowed first"
        return RefusedError("leads to this machine or its network", fix, skipped=True)
    if isinstance(error, ImportError):
        return RefusedError(f"a package is missing: {error.name or error}", "install it with pip")
    if isinstance(error, FileNotFoundError):
        return RefusedError("there is nothing", "check the address")
    said = without_secrets(error.strerror if isinstance(error, OSError) and error.strerror else str(error), secrets)
    name = type(error).__name__
    detail = f"{name}: {said}" if said else name
    return RefusedError(f"can't be read ({detail})")


def _open(place: str, seconds: float, most_bytes: int, secrets: list[str]) -> Place:
    scheme, user = scheme_of(place), user_of(place)
    host, _ = host_of(place)
    if scheme in ("imap", "imaps"):
        return open_mailbox(place, seconds, most_bytes, secrets)
    options: dict[str, Any] = {}
    if scheme in _WITH_LOGIN:
        user, password = login_of(host, user)
        secrets.append(password)
        options = {name: each for name, each in (("username", user), ("password", password)) if each}
    fs, root = _filesystem(scheme, place, options, secrets)
    return Filesystem(fs, root, lambda work: within(seconds, work))


def _filesystem(scheme: str, place: str, options: dict[str, Any], secrets: list[str]) -> tuple[Any, str]:
    """Return the file system of a place, and the place in it."""
    import fsspec
    from fsspec.config import conf
    from fsspec.registry import known_implementations

    secrets += secrets_in(conf.get(scheme, {}))
    if scheme in _WEBDAV:
        return _webdav(place, options)
    try:
        kind = fsspec.get_filesystem_class(scheme)
    except ValueError:
        raise RefusedError("no such kind of place") from None
    except ImportError as error:
        said = known_implementations.get(scheme, {}).get("err", str(error))
        raise RefusedError(f"a package is missing: {said}", "install it with pip") from error
    named: Mapping[str, Any] = kind._get_kwargs_from_urls(place)
    kind = {"sftp": _sftp, "ssh": _sftp, "github": _github}.get(scheme, lambda: kind)()
    fs = kind(**{**conf.get(scheme, {}), **named, **options, "skip_instance_cache": True})  # listings are not kept
    return fs, kind._strip_protocol(place)


def _webdav(place: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    try:
        from webdav4.client import Client
        from webdav4.fsspec import WebdavFileSystem
    except ImportError as error:
        raise RefusedError(f"a package is missing: {error.name}", "install it with pip") from error

    class Quoting(Client):  # type: ignore[misc]
        def join_url(self, path: str, add_trailing_slash: bool = False) -> Any:  # noqa: ANN401
            for sign, code in (("%", "%25"), ("#", "%23"), ("?", "%3F")):  # else they would end the path
                path = path.replace(sign, code)
            return super().join_url(path, add_trailing_slash)

    scheme, host, port = _WEBDAV[scheme_of(place)], *host_of(place)
    path = place.partition("://")[2].partition("/")[2]
    named = f"[{host}]" if ":" in host else host
    base = f"{scheme}://{named}{f':{port}' if port else ''}/{path}"
    auth = (options.get("username", ""), options["password"]) if options.get("password") else None
    client = Quoting(base, auth=auth)
    return WebdavFileSystem(base, client=client, skip_instance_cache=True), ""


@cache
def _github() -> Any:  # noqa: ANN401 - fsspec has no types
    """Return fsspec's GitHub for any name: in an address a `#` or `?` would end the path."""
    from fsspec.implementations.github import GithubFileSystem

    class Quoting(GithubFileSystem):  # type: ignore[misc]
        def _open(self, path: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401
            return super()._open(quote(path), *given, **named)

    return Quoting


@cache
def _sftp() -> Any:  # noqa: ANN401 - fsspec has no types
    """Return fsspec's SFTP that trusts only servers whose keys are known: by itself it would trust any."""
    import paramiko
    from fsspec.implementations.sftp import SFTPFileSystem

    class KnownServers(SFTPFileSystem):  # type: ignore[misc]
        def _connect(self) -> None:
            self.client = paramiko.SSHClient()
            self.client.load_system_host_keys()
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            self.client.connect(self.host, **self.ssh_kwargs)
            self.ftp = self.client.open_sftp()

    return KnownServers
