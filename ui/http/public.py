"""How the world calls the server when a proxy stands before it: `--public-url` taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from index.errors import ConfigError

__all__ = ["PublicAddress", "host_name", "public_address"]

_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """The address that people type, of which a proxy passes the requests on.

    Attributes:
        scheme: `http` or `https`.
        name: host name, lower case and as ASCII.
        netloc: the name with its port, as a browser writes it into `Origin`: the scheme's usual port is left out.
        path: the sub-path, decoded, with a leading and no trailing slash; `""` for none.
    """

    scheme: str
    name: str
    netloc: str
    path: str

    @property
    def origin(self) -> str:
        """What browsers call the page's origin."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def prefix(self) -> str:
        """The sub-path as headers and links write it."""
        return quote(self.path)

    @property
    def url(self) -> str:
        """The whole address, without a slash at its end."""
        return self.origin + self.prefix


def public_address(text: str) -> PublicAddress:
    """Take a public address apart.

    Raises:
        ConfigError: it is no address of a server, or says more than scheme, host, port and path.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise _wrong(text, str(error)) from error
    if parts.scheme not in _USUAL_PORTS or not parts.hostname:
        raise _wrong(text, "it must begin with http:// or https:// and a host name")
    if parts.query or parts.fragment or parts.username is not None or parts.password is not None:
        raise _wrong(text, "it may hold a host, a port and a path only")
    name = host_name(parts.hostname)
    written = f"[{name}]" if ":" in name else name
    if port is not None and port != _USUAL_PORTS[parts.scheme]:
        written += f":{port}"
    return PublicAddress(parts.scheme, name, written, _path(text, parts))


def host_name(text: str) -> str:
    """Return a host name as browsers send it: lower case, and names in other scripts as ASCII (IDNA).

    Raises:
        ConfigError: it is no host name.
    """
    try:
        name = text if ":" in text else text.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ConfigError(f"{text}: not a host name ({error})") from error
    # What a URL's parser reads back is a name and nothing else: no port, no path, no blank.
    written = f"[{name}]" if ":" in name else name
    try:
        read = urlsplit(f"//{written}").hostname
    except ValueError:
        read = None
    if not name or any(character.isspace() for character in name) or read != name.lower():
        raise ConfigError(
            f"{text}: not a host name", "give one without scheme, port and path, such as docs.example.org"
        )
    return name.lower()


def _path(text: str, parts: SplitResult) -> str:
    path = unquote(parts.path).rstrip("/")
    steps = path.split("/")[1:]
    if any(step in ("", ".", "..") for step in steps) or not path.isprintable() or "\\" in path or ";" in path:
        raise _wrong(text, "its path is not a plain one")
    return path


def _wrong(text: str, why: str) -> ConfigError:
    return ConfigError(f"--public-url {text!r}: {why}", "give an address such as https://docs.example.org/ask")
