"""What office programs save: Word, PowerPoint, Excel, OpenDocument, RTF.

In: a file of one of these programs. Out: its documents as the program shows them. Found by `index.sources.registry`.
"""

from __future__ import annotations
