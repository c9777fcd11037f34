"""How a spec such as `sentence-transformers:NAME` finds what it names: built in, or brought by another package.

Packages bring more by entry points (https://packaging.python.org/en/latest/specifications/entry-points/): the entry's
group is the plug, its name is the kind, and its object a factory that takes what stands behind the colon of the spec,
`""` where nothing does. A built-in kind can't be replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from index.errors import ConfigError, RagError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["Kind", "Plug", "blaming", "entry_points"]

_Made = TypeVar("_Made")
_LONGEST = 100  # characters of a wrong spec that a message repeats


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind that is built in.

    Attributes:
        target: its factory as an entry point would name it, `"package.module:name"`.
        argument: what stands behind the colon, in capitals as messages show it; `""`: nothing may.
    """

    target: str
    argument: str = ""

    def load(self) -> object:
        """Import the factory.

        Raises:
            ImportError: its module isn't there.
            AttributeError: it holds no such thing.
        """
        module, _, name = self.target.partition(":")
        found: object = attrgetter(name)(import_module(module))
        return found


def entry_points(group: str) -> Sequence[EntryPoint]:
    """Return what packages bring for a group; nothing is imported to know it."""
    from importlib.metadata import entry_points as brought  # a fortieth of a second, only to be paid where it is asked

    return tuple(brought(group=group))


@contextmanager
def blaming(who: str, error: Callable[[str, str], Exception] = ConfigError) -> Iterator[None]:
    """Turn whatever the code of another package raises into one line that names it; our own errors pass.

    Args:
        who: did it, as the line begins: "the embedder 'letters:64'".
        error: class of the error, which takes the problem and the fix.
    """
    try:
        yield
    except RagError:
        raise
    except Exception as problem:  # the package may raise anything
        raise error(
            f"{who} failed ({type(problem).__name__}: {problem})", "report it to those who made it"
        ) from problem


class Plug(Generic[_Made]):
    """One place where packages can bring more, such as embedders.

    Args:
        group: of the entry points.
        what: is made, in words of a message: "embedder".
        built_in: kinds by name.
        error: class of the errors, which takes the problem and the fix.
        others: further valid specs that the caller handles, such as the one for none; for messages.
        protocol: what the made object must be.
        checked: wraps what another package's factory made, given its spec, so that no broken promise goes further.
    """

    def __init__(
        self,
        group: str,
        what: str,
        built_in: Mapping[str, Kind],
        error: Callable[[str, str], Exception] = ConfigError,
        others: tuple[str, ...] = (),
        protocol: type = object,
        checked: Callable[[_Made, str], _Made] | None = None,
    ) -> None:
        self.group = group
        self._what = what
        self._built_in = built_in
        self._error = error
        self._others = others
        self._protocol = protocol
        self._checked = checked

    def usage(self) -> str:
        """Return the valid specs in one line, for messages and help texts."""
        own = [f"{name}:{kind.argument}" if kind.argument else name for name, kind in self._built_in.items()]
        return ", ".join([*own, *self._others, *(f"{name}[:…]" for name in sorted(self._brought()))])

    def check(self, spec: str) -> str:
        """Return a spec as it stands when there is such a kind; nothing is imported.

        Raises:
            ConfigError: (or the plug's own class) there is none, or its argument is missing or one too many.
        """
        name, colon, argument = spec.partition(":")
        kind = self._built_in.get(name)
        if kind is None and name not in self._brought():
            raise self._error(f"no {self._what} is called {spec[:_LONGEST]!r}", f"use one of {self.usage()}")
        if kind is not None and kind.argument and not argument.strip():
            raise self._error(f"{self._what} {spec[:_LONGEST]!r} names nothing", f"use one of {self.usage()}")
        if kind is not None and colon and not kind.argument:
            problem = f"{self._what} {spec[:_LONGEST]!r}: {name} takes nothing behind it"
            raise self._error(problem, f"use one of {self.usage()}")
        return spec

    def make(self, spec: str) -> _Made:
        """Return what the factory of a spec's kind makes.

        Raises:
            ConfigError: (or the plug's own class) as `check`, or the factory can't be imported, fails, or makes
                something else.
        """
        self.check(spec)
        name, _, argument = spec.partition(":")
        kind = self._built_in.get(name)
        if kind is not None:
            factory = cast("Callable[..., _Made]", self._loaded(name, kind, kind.target))
            return factory(argument.strip()) if kind.argument else factory()
        return self._foreign(spec, self._brought()[name], argument.strip())

    def _foreign(self, spec: str, entry: EntryPoint, argument: str) -> _Made:
        """Return what another package's factory makes, checked."""
        factory = cast("Callable[[str], _Made]", self._loaded(entry.name, entry, entry.value))
        who = f"the {self._what} {spec[:_LONGEST]!r}"
        with blaming(who, self._error):
            made = factory(argument)
        if not isinstance(made, self._protocol):
            problem = f"entry point {entry.name} of {self.group}: {entry.value} makes no {self._what}"
            raise self._error(problem, "fix or remove it")
        return made if self._checked is None else self._checked(made, who)

    def _loaded(self, name: str, found: Kind | EntryPoint, value: str) -> object:
        """Import a factory."""
        try:
            return found.load()
        except RagError:
            raise
        except Exception as error:  # importing a package runs its code
            reason = (
                str(error) if isinstance(error, ImportError | AttributeError) else f"{type(error).__name__}: {error}"
            )
            problem = f"the {self._what} {name!r} ({value}) can't be loaded: {reason}"
            raise self._error(problem, "reinstall the package of it") from error

    def _brought(self) -> Mapping[str, EntryPoint]:
        """Return the kinds that other packages bring."""
        found: dict[str, EntryPoint] = {entry.name: entry for entry in entry_points(group=self.group)}
        return {name: entry for name, entry in found.items() if name not in self._built_in}
