"""What programs import: every public name is there, and every type that a public signature names is public too."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

import babelquote
import index
import rag
from index.types import FloatArray, JsonValue
from rag import Answer, ScoredPassage

# What a name that is written as text in a signature may mean, wherever it is read.
KNOWN = {
    "Mapping": Mapping,
    "Sequence": Sequence,
    "FloatArray": FloatArray,
    "JsonValue": JsonValue,
    "Answer": Answer,
    "ScoredPassage": ScoredPassage,
}


def types_in(hint: object) -> Iterator[type]:
    """Go through our own classes within an annotation."""
    if inspect.isclass(hint) and hint.__module__.partition(".")[0] in ("rag", "index"):
        yield hint
    for part in typing.get_args(hint):
        for each in part if isinstance(part, list | tuple) else [part]:
            yield from types_in(each)


def annotations(value: object) -> Iterator[object]:
    """Go through the annotations of a function, or of the fields and public methods of a class."""
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        yield value  # a union of types under a name of its own
        return
    yield from typing.get_type_hints(value, localns=KNOWN).values()
    if inspect.isclass(value):
        for name, member in inspect.getmembers(value):
            found = member.fget if isinstance(member, property) else member
            # An index is opened by `index.open` and never made by its class.
            public = not name.startswith("_") or (name == "__init__" and value is not index.Index)
            if public and (inspect.isfunction(found) or inspect.ismethod(found)):
                yield from typing.get_type_hints(found, localns=KNOWN).values()


@pytest.mark.parametrize("package", [rag, index], ids=lambda package: package.__name__)
def test_every_type_that_a_public_signature_names_is_public(package: typing.Any) -> None:
    public = {getattr(home, name) for home in (rag, index) for name in home.__all__}
    for name in package.__all__:
        for hint in annotations(getattr(package, name)):
            hidden = set(types_in(hint)) - public
            assert not hidden, f"{package.__name__}.{name} names {hidden}"


def test_babelquote_exports_what_rag_and_index_do() -> None:
    assert babelquote.answer is rag.answer
    assert babelquote.build is index.build
    assert babelquote.__version__ == version("babelquote")
    for name in babelquote.__all__:
        assert getattr(babelquote, name) is not None, name
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        _ = babelquote.nothing_of_that_name


def test_asking_by_that_name_imports_nothing_of_a_build() -> None:
    code = "import sys, babelquote; assert not {'index.building.build', 'torch', 'gradio'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=240)


def test_type_checkers_are_told_that_annotations_may_be_read() -> None:
    for package in (babelquote, index, rag):
        assert (Path(str(package.__file__)).parent / "py.typed").is_file()
