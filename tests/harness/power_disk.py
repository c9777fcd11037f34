"""A disk that loses power: what a file system may have kept, of every order that its barriers allow.

Names, sizes and contents reach a disk apart from each other. A file's content is sure once the file was synced, the
names in a folder once the folder was. Of what was done since then, a file system may have kept any part: names of one
folder without those of another, later ones without earlier ones, a name without the content, the size without the
content, a part of the content. (Pillai et al. 2014, "All File Systems Are Not Created
Equal", call these persistence properties.)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from index.disk import files

STEPS = ("fsync_file", "fsync_dir", "rename", "replace", "remove_tree", "_write")
State = dict[str, bytes]


@dataclass
class Node:
    """A file or a folder, whatever it is called.

    Attributes:
        durable: the content that is sure; of a folder, the names that are.
        content: the content that was written.
        names: what a folder holds now.
        pending: what was done to the names since they were sure, in order: each takes away some and sets others.
    """

    is_folder: bool
    durable: bytes = b""
    content: bytes = b""
    sure_names: dict[str, Node] = field(default_factory=dict)
    names: dict[str, Node] = field(default_factory=dict)
    pending: list[tuple[frozenset[str], dict[str, Node]]] = field(default_factory=list)

    def sync(self) -> None:
        self.durable, self.sure_names, self.pending = self.content, dict(self.names), []


class Disk:
    """Follows a folder through the steps of `index.disk.files`, and gives what a power cut after each may leave."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, samples: int = 5) -> None:
        self.root, self.samples = root, samples
        self.nodes: dict[int, Node] = {}  # by inode, those that have a name now
        self.top = Node(is_folder=True)
        self.states: list[tuple[str, State]] = []
        self._chance = random.Random(7)
        self._look()
        for node in (self.top, *self.nodes.values()):
            node.sync()
        for step in STEPS:
            monkeypatch.setattr(files, step, self._watched(step, getattr(files, step)))

    def _watched(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            self._look()
            result = step(*arguments)
            self._look()
            if name.startswith("fsync"):
                self._node(arguments[0]).sync()
            # There are many writes, and of what they leave most is possible at the next step as well.
            samples = 1 if name == "_write" else self.samples
            self.states += [(f"after {name}", state) for state in self.possible(samples)]
            return result

        return watched

    def _node(self, path: Path) -> Node:
        return self.top if path == self.root else self.nodes[path.stat().st_ino]

    def _look(self) -> None:
        """Notice what has changed since the last look: contents, and names by folder."""
        seen: dict[int, Node] = {}
        self._look_into(self.root, self.top, seen)
        self.nodes = seen

    def _look_into(self, folder: Path, node: Node, seen: dict[int, Node]) -> None:
        names: dict[str, Node] = {}
        for path in sorted(folder.iterdir()):
            inode = path.stat().st_ino
            child = seen.get(inode) or self.nodes.get(inode) or Node(path.is_dir())
            if child.is_folder != path.is_dir():  # the number of something that was removed
                child = Node(path.is_dir())
            seen[inode] = names[path.name] = child
            if child.is_folder:
                self._look_into(path, child, seen)
            else:
                child.content = path.read_bytes()
        node.pending += _changes(node.names, names)
        node.names = names

    def possible(self, samples: int) -> Iterator[State]:
        """Give states of the disk that no barrier forbids: both extremes, single changes, all but one, and samples.

        What was written and not synced is drawn for each of them; in one more state half of it is there for sure.
        """
        waiting = [(node, place) for node in self._folders() for place in range(len(node.pending))]
        everything = set(range(len(waiting)))
        kept = [set[int](), everything]
        some = self._chance.sample(sorted(everything), min(samples, len(everything)))
        kept += [{one} for one in some] + [everything - {one} for one in some]
        kept += [{one for one in everything if self._chance.random() < 0.5} for _ in range(samples)]
        for each in kept:
            chosen = {(id(waiting[one][0]), waiting[one][1]) for one in each}
            state: State = {}
            self._walk(self.top, "", chosen, state)
            yield state
        names = {(id(node), place) for node, place in waiting}
        torn: State = {}
        self._walk(self.top, "", names, torn, torn=True)
        yield torn

    def _folders(self) -> list[Node]:
        return [node for node in (self.top, *self.nodes.values()) if node.is_folder]

    def _walk(self, node: Node, prefix: str, chosen: set[tuple[int, int]], state: State, *, torn: bool = False) -> None:
        names = dict(node.sure_names)
        for place, (gone, come) in enumerate(node.pending):
            if (id(node), place) in chosen:
                names = {name: child for name, child in names.items() if name not in gone} | come
        for name, child in names.items():
            if child.is_folder:
                self._walk(child, f"{prefix}{name}/", chosen, state, torn=torn)
            else:
                state[prefix + name] = self._content(child, torn=torn)

    def _content(self, node: Node, *, torn: bool) -> bytes:
        if node.durable == node.content:
            return node.content
        size = len(node.content)
        if torn:
            return node.content[: size // 2]
        return self._chance.choice([node.durable, node.content, bytes(size), node.content[: size // 2], b""])


def _changes(before: dict[str, Node], after: dict[str, Node]) -> list[tuple[frozenset[str], dict[str, Node]]]:
    """Return the single steps from some names to others; giving another name is one step, with what it replaces."""
    gone = {name: node for name, node in before.items() if name not in after}
    come = {name: node for name, node in after.items() if before.get(name) is not node}
    steps: list[tuple[frozenset[str], dict[str, Node]]] = []
    for name, node in come.items():
        old = next((one for one, other in gone.items() if other is node), None)
        gone.pop(old or "", None)
        steps.append((frozenset({old} if old else ()), {name: node}))
    return steps + [(frozenset({name}), {}) for name in gone]


def restore(state: State, folder: Path) -> None:
    """Write a state of the disk into an empty folder."""
    folder.mkdir()
    for name, content in state.items():
        if not name.startswith("embeddings.sqlite"):  # SQLite looks after its own; a cache may be lost
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
