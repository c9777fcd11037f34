"""A provider of OpenID Connect that is not ours: `oidc-provider` of Node.js, which the OpenID Foundation certified.

It is started where `OIDC_PROVIDER` names a folder in which somebody said `npm install oidc-provider`, or where npm's
global folder has it; else its test is skipped and says so. Everybody may sign in there, by any name.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

CLIENT, SECRET, AUDIENCE = "babelquote", "a secret: of+the%test/", "https://docs.example.org"

_PROGRAM = """
const { default: Provider } = await import(process.argv[1]);
const { issuer, port, site, client, secret, audience } = JSON.parse(process.argv[2]);
const provider = new Provider(issuer, {
  clients: [{
    client_id: client, client_secret: secret, redirect_uris: [`${site}/login/callback`],
    post_logout_redirect_uris: [`${site}/login`], grant_types: ['authorization_code', 'client_credentials'],
  }],
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
  findAccount: async (_, id) => ({
    accountId: id, claims: async () => ({ sub: id, preferred_username: id, groups: id === 'mia' ? ['staff'] : [] }),
  }),
  features: {
    clientCredentials: { enabled: true }, introspection: { enabled: true },
    resourceIndicators: {
      enabled: true, useGrantedResource: () => true,
      defaultResource: (ctx) => (ctx.oidc.params?.grant_type === 'client_credentials' ? audience : undefined),
      getResourceServerInfo: (_, asked) => ({
        scope: 'jwt opaque', audience: asked,
        accessTokenFormat: asked === audience ? 'jwt' : 'opaque',
      }),
    },
  },
});
provider.listen(port, '127.0.0.1');
"""


@dataclass
class NodeIssuer:
    """The provider, and what a browser does there."""

    url: str
    person: str = "mia"
    browser: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, follow_redirects=False))

    def signs_in(self, address: str) -> str:
        """Sign in and agree, on the provider's own pages; returns the address at which it sends the browser back."""
        for _ in range(12):
            page = self.browser.get(address)
            while page.status_code in (302, 303):
                address = urljoin(address, page.headers["location"])
                if not address.startswith(self.url):
                    return address
                page = self.browser.get(address)
            assert page.status_code == 200, page.text
            page = self._filled(address, page.text)
            address = urljoin(address, page.headers["location"])
        raise AssertionError("the provider asks without end")

    def signs_out(self, address: str) -> str:
        """Agree to sign out; returns where the provider sends the browser then."""
        page = self.browser.get(address)
        assert page.status_code == 200, page.text
        return str(self._filled(address, page.text, {"logout": "yes"}).headers["location"])

    def _filled(self, address: str, page: str, more: dict[str, str] | None = None) -> httpx.Response:
        """Send a page's form, with a name and a password where it asks for them."""
        action = re.search(r'<form[^>]*action="([^"]+)"', page)
        assert action, page
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        if 'name="login"' in page:
            fields |= {"login": self.person, "password": "anything"}
        return self.browser.post(urljoin(address, unescape(action[1])), data={**fields, **(more or {})})

    def token(self, resource: str) -> str:
        """Return an access token that a program gets for a service."""
        form = {"grant_type": "client_credentials", "resource": resource}
        quoted = httpx.QueryParams({"a": CLIENT, "b": SECRET})
        pair = [part.partition("=")[2] for part in str(quoted).split("&")]  # RFC 6749, 2.3.1
        found = httpx.post(f"{self.url}/token", data=form, auth=(pair[0], pair[1]), timeout=60)
        assert found.status_code == 200, found.text
        return str(found.json()["access_token"])


@contextmanager
def node_issuing(site: str, port: int) -> Iterator[NodeIssuer]:
    """Start the provider with this server as its client.

    Args:
        site: address of the server that people sign in at.
        port: of the provider.
    """
    program, library = shutil.which("node"), _library()
    if program is None or library is None:
        pytest.skip(
            "needs Node.js and its package oidc-provider: npm install oidc-provider, the folder where in OIDC_PROVIDER"
        )
    url = f"http://127.0.0.1:{port}"
    told = {"issuer": url, "port": port, "site": site, "client": CLIENT, "secret": SECRET, "audience": AUDIENCE}
    command = [program, "--no-warnings", "--input-type=module", "-e", _PROGRAM, library.as_uri(), json.dumps(told)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            try:
                if httpx.get(f"{url}/.well-known/openid-configuration", timeout=10).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        assert process.poll() is None, process.communicate()[1].decode()[-2_000:]
        yield NodeIssuer(url)
    finally:
        process.kill()
        process.wait(60)


def _library() -> Path | None:
    folders = [os.environ.get("OIDC_PROVIDER", ""), "/usr/local/lib", "/usr/lib"]
    found = [Path(one) / "node_modules" / "oidc-provider" / "lib" / "index.js" for one in folders if one]
    return next((one for one in found if one.is_file()), None)
