"""Writes `rag/place_names.json.gz`: countries and cities by their names in many languages, from Unicode's CLDR.

    python -m tools.place_names

The names come with Babel (BSD), which comes with trafilatura; CLDR is under the Unicode License v3. Only this command
reads them: the package holds the table and not Babel's own files.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

_CODES = "ar bn cs de el en es fa fr he hi id it ja ko nl pl pt ru sv th tr uk ur vi zh"
LANGUAGES = tuple(_CODES.split())
NOTICE = "Names from Unicode CLDR, © Unicode, Inc., under the Unicode License v3: https://www.unicode.org/license.txt"
TARGET = Path(__file__).parent.parent / "rag" / "place_names.json.gz"


def main() -> None:
    """Write the table: for each language, names by the code of the country or of the city."""
    from babel import Locale

    table: dict[str, dict[str, str]] = {"notice": {"": NOTICE}}
    for language in LANGUAGES:
        locale = Locale.parse(language)
        countries = {code: name for code, name in locale.territories.items() if len(code) == 2 and code.isalpha()}
        cities = {zone: names["city"] for zone, names in locale.time_zones.items() if names.get("city")}
        if language == "en":  # CLDR leaves out English names that are the zone's own
            zones = [str(zone) for zone in Locale.parse("ar").time_zones]
            cities = {zone: zone.rpartition("/")[2].replace("_", " ") for zone in zones if "/" in zone} | cities
        table[language] = dict(sorted({**countries, **cities}.items()))
    written = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    TARGET.write_bytes(gzip.compress(written, mtime=0))


if __name__ == "__main__":
    main()
