"""The pages on which a person signs in."""

from __future__ import annotations

from urllib.parse import urlsplit

from ui.view import strings
from ui.view.markup.escape import escape
from ui.view.style import ICON, style

__all__ = ["login_html", "provider_html", "returning_html"]

# The theme that the page keeps, or else that of the device.
_THEME = """<script>
{ let kept = null; try { kept = localStorage.getItem("babelquote.theme"); } catch { /* storage is shut */ }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = kept ?? system; }
</script>"""
# What the address names behind its # (a conversation, a document) is opened once the person has signed in.
_KEEP_PLACE = "<script>document.forms[0].action += location.hash;</script>"


def login_html(language: str, complaint: str) -> str:
    """Return the login page; `complaint` says why the last attempt failed, or is empty."""
    words = {key: escape(strings.text(language, key)) for key in ("sign_in", "user", "password")}
    form = f"""<form method="post" action="login">
<label>{words["user"]}<input name="user" autocomplete="username" required autofocus dir="auto"></label>
<label>{words["password"]}<input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit" class="bq-primary">{words["sign_in"]}</button>
</form>"""
    return _page(language, complaint, form, _KEEP_PLACE)


def provider_html(language: str, issuer: str, complaint: str) -> str:
    """Return the page that leads to the provider who signs people in; `complaint` as above."""
    words = escape(strings.text(language, "sign_in"))
    host = escape(urlsplit(issuer).netloc)
    link = f'<p><a class="bq-primary" href="login/start">{words}</a></p><p class="bq-note"><bdi>{host}</bdi></p>'
    return _page(language, complaint, link, "")


def returning_html(address: str) -> str:
    """Return a page that leads on by itself: a browser that another site sent sends our strict cookies only then."""
    where = escape(address)
    return f"""<!doctype html>
<html><head><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={where}"><title>Babelquote</title></head>
<body><a href="{where}">Babelquote</a></body></html>"""


def _page(language: str, complaint: str, inner: str, script: str) -> str:
    way = "rtl" if language in strings.RIGHT_TO_LEFT else "ltr"
    promise = escape(strings.text(language, "promise"))
    alert = f'<p class="bq-note bq-failed" role="alert">{escape(complaint)}</p>' if complaint else ""
    return f"""<!doctype html>
<html lang="{language}" dir="{way}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Babelquote</title>{ICON}{_THEME}<style>{style()}</style></head><body class="bq-login"><main>
<p class="bq-brand"><span class="bq-mark" aria-hidden="true"></span><span class="bq-name">Babelquote</span></p>
<h1>{promise}</h1>{alert}
{inner}</main>{script}</body></html>"""
