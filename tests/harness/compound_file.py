"""Writes small compound files (OLE) with an Outlook message in them, as [MS-CFB] and [MS-OXMSG] describe them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SECTOR, NONE, END, FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Node = dict[str, "bytes | Node"]
_EPOCH = 116_444_736_000_000_000
SUBJECT, BODY, SENDER_NAME, SENDER_ADDRESS, SENT = 0x0037, 0x1000, 0x0C1A, 0x0C1F, 0x0039
NAME, ADDRESS, SMTP, RECIPIENT_KIND = 0x3001, 0x3003, 0x39FE, 0x0C15
ATTACH_DATA, ATTACH_NAME, ATTACH_METHOD = 0x3701, 0x3707, 0x3705


def outlook_message(
    *,
    subject: str,
    sender: tuple[str, str],
    body: str,
    to: Sequence[tuple[str, str]],
    sent: int,
    cc: Sequence[tuple[str, str]] = (),
    files: Sequence[tuple[str, bytes]] = (),
) -> bytes:
    """Return the bytes of a .msg file."""
    when = (SENT, 0x0040, struct.pack("<Q", sent * 10_000_000 + _EPOCH))
    words = {SUBJECT: subject, BODY: body, SENDER_NAME: sender[0], SENDER_ADDRESS: sender[1]}
    people = [*((person, 1) for person in to), *((person, 2) for person in cc)]
    root = _properties(words, [when], struct.pack("<8x4I8x", 0, 0, len(people), len(files)))
    for number, ((name, address), kind) in enumerate(people):
        properties = {NAME: name, ADDRESS: address, SMTP: address}
        root[f"__recip_version1.0_#{number:08X}"] = _properties(
            properties, [(RECIPIENT_KIND, 3, struct.pack("<I4x", kind))], bytes(8)
        )
    for number, (name, data) in enumerate(files):
        entry = _properties(
            {ATTACH_NAME: name}, [(ATTACH_METHOD, 3, struct.pack("<I4x", 1))], bytes(8), {ATTACH_DATA: data}
        )
        root[f"__attach_version1.0_#{number:08X}"] = entry
    return compound(root)


def _properties(
    texts: dict[int, str],
    fixed: Sequence[tuple[int, int, bytes]],
    header: bytes,
    binaries: dict[int, bytes] | None = None,
) -> Node:
    node: Node = {}
    rows = b"".join(struct.pack("<HHI", kind, number, 6) + value for number, kind, value in fixed)
    streams = [(number, 0x001F, text.encode("utf-16-le")) for number, text in texts.items()]
    streams += [(number, 0x0102, data) for number, data in (binaries or {}).items()]
    for number, kind, data in streams:
        node[f"__substg1.0_{number:04X}{kind:04X}"] = data
        rows += struct.pack("<HHIII", kind, number, 6, len(data) + (2 if kind == 0x001F else 0), 0)
    node["__properties_version1.0"] = header + rows
    return node


@dataclass
class _Entry:
    name: str
    kind: int
    child: int = NONE
    right: int = NONE
    start: int = END
    size: int = 0


@dataclass
class _Chains:
    """Sectors of one size and the table that chains them."""

    size: int
    sectors: list[bytes] = field(default_factory=list)
    table: list[int] = field(default_factory=list)

    def store(self, data: bytes) -> int:
        """Write a chain and return its first sector."""
        first = len(self.sectors)
        pieces = [data[at : at + self.size].ljust(self.size, b"\0") for at in range(0, len(data), self.size)]
        self.sectors += pieces
        self.table += [*range(first + 1, first + len(pieces)), END][: len(pieces)]
        return first if pieces else END


def compound(root: Node) -> bytes:
    """Return a compound file (version 3) of these storages and streams."""
    entries: list[_Entry] = []
    large, small = _Chains(SECTOR), _Chains(64)

    def add(name: str, node: bytes | Node) -> int:
        number = len(entries)
        entry = _Entry(name, 2 if isinstance(node, bytes) else 1 if entries else 5)
        entries.append(entry)
        if isinstance(node, bytes):
            entry.start, entry.size = (small if len(node) < 4096 else large).store(node), len(node)
            return number
        numbers = [add(below, value) for below, value in sorted(node.items(), key=lambda item: (len(item[0]), item[0]))]
        entry.child = numbers[0] if numbers else NONE
        for before, after in pairwise(numbers):
            entries[before].right = after
        return number

    add("Root Entry", root)
    ministream = b"".join(small.sectors)
    entries[0].start, entries[0].size = large.store(ministream), len(ministream)
    mini_table = large.store(struct.pack(f"<{len(small.table)}I", *small.table).ljust(SECTOR, b"\xff"))
    mini_count = len(large.sectors) - mini_table
    directory = large.store(b"".join(map(_directory_row, entries)))
    count = 1
    while count * 128 < len(large.sectors) + count:
        count += 1
    tables = list(range(len(large.sectors), len(large.sectors) + count))
    table = struct.pack(f"<{len(large.table) + count}I", *large.table, *([FAT] * count)).ljust(count * SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, count, directory, 0, 4096, mini_table, mini_count, END, 0)
    header += struct.pack(f"<{count}I", *tables).ljust(436, b"\xff")
    return header + b"".join(large.sectors) + table


def _directory_row(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    row = name.ljust(64, b"\0") + struct.pack("<HBB", len(name), entry.kind, 1)
    row += struct.pack("<III", NONE, entry.right, entry.child) + bytes(36)
    return row + struct.pack("<IQ", entry.start, entry.size)
