"""Who asks: passwords, providers of OpenID Connect, proxies that name people, access tokens of programs.

In: requests from anyone. Out: requests with a name, pages to sign in on, or a refusal. Imported by services, page and
app; it stands on the rest of `ui.http`, which doesn't import it.
"""
