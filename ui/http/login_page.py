"""The page on which a person signs in."""

from __future__ import annotations

from ui.view import strings
from ui.view.escape import escape
from ui.view.style import ICON, style

__all__ = ["login_html"]

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
    way = "rtl" if language in strings.RIGHT_TO_LEFT else "ltr"
    words = {key: escape(strings.text(language, key)) for key in ("sign_in", "user", "password", "promise")}
    alert = f'<p class="bq-note bq-failed" role="alert">{escape(complaint)}</p>' if complaint else ""
    return f"""<!doctype html>
<html lang="{language}" dir="{way}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Babelquote</title>{ICON}{_THEME}<style>{style()}</style></head><body class="bq-login"><main>
<p class="bq-brand"><span class="bq-mark" aria-hidden="true"></span><span class="bq-name">Babelquote</span></p>
<h1>{words["promise"]}</h1>{alert}
<form method="post" action="login">
<label>{words["user"]}<input name="user" autocomplete="username" required autofocus dir="auto"></label>
<label>{words["password"]}<input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit" class="bq-primary">{words["sign_in"]}</button>
</form></main>{_KEEP_PLACE}</body></html>"""
