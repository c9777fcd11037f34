"""What DOCX, PPTX and XLSX share: a zip of XML parts, relations between them, core properties.

Read directly with lxml after the zip has passed its limits: that needs no library per format, reads strict files too,
and text boxes and notes that python-docx leaves out.
"""

from __future__ import annotations

import posixpath

from index.sources.office.archive import SafeZip
from index.sources.text.xml import XmlElement, attribute, find_all, local, parse_xml
from index.sources.types import Extract, Head, RefusedError

__all__ = ["Package", "flag", "is_package"]


def is_package(head: Head, folder: str) -> float:
    """Say whether a zip is an Office file of that folder (`word/`, `ppt/`, `xl/`)."""
    has_types = "[Content_Types].xml" in head.members
    return 1.0 if has_types and any(name.startswith(folder) for name in head.members) else 0.0


class Package:
    """An Office file."""

    def __init__(self, data: bytes) -> None:
        self.zip = SafeZip(data)

    def part(self, name: str) -> XmlElement | None:
        """Return the root of a part, or `None` when there is none."""
        return parse_xml(self.zip.read(name)) if name in self.zip.names else None

    def main_part(self, fallback: str) -> str:
        """Return the name of the main part (`word/document.xml` …)."""
        for kind, target in self.relations("").values():
            if kind == "officeDocument":
                return target
        if fallback not in self.zip.names:
            raise RefusedError(f"damaged: {fallback} is missing from its archive")
        return fallback

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a part: identifier to (kind, name of the target); outside targets are left out."""
        folder, name = posixpath.split(part)
        root = self.part(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = {}
        for relation in () if root is None else find_all(root, "Relationship"):
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
                found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], target)
        return found

    def addresses(self, part: str) -> dict[str, str]:
        """Return where the links of a part lead that leave the file: identifier to address."""
        folder, name = posixpath.split(part)
        root = self.part(posixpath.join(folder, "_rels", f"{name}.rels"))
        outside = () if root is None else find_all(root, "Relationship")
        return {each.get("Id", ""): each.get("Target", "") for each in outside if each.get("TargetMode") == "External"}

    def fill_properties(self, extract: Extract) -> None:
        """Set title, author, date and language from the core properties."""
        targets = [target for kind, target in self.relations("").values() if kind == "core-properties"]
        root = self.part(targets[0]) if targets else None
        if root is None:
            return
        properties = {local(element): (element.text or "").strip() for element in root}
        extract.title = properties.get("title", "")
        extract.language = properties.get("language", "")
        kept = {"author": "creator", "date": "created", "subject": "subject", "keywords": "keywords"}
        kept |= {"modified_by": "lastModifiedBy", "category": "category"}
        extract.fields |= {name: properties.get(key, "") for name, key in kept.items()}


def flag(element: XmlElement | None) -> bool:
    """Return the value of an on/off element: present means on unless it says otherwise."""
    return element is not None and attribute(element, "val") not in ("0", "false", "off", "none")
