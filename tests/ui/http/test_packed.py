"""The page comes packed to browsers that can unpack it; what streams is sent as it comes; secrets are not packed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import Site, chat_site

PACKED = {"accept-encoding": "gzip, deflate, br"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site(FakeAssistant(delay=0.15)) as served:
        yield served


def received(url: str, headers: dict[str, str]) -> tuple[httpx.Response, int]:
    with httpx.stream("GET", url, headers=headers, timeout=60) as answer:
        size = sum(map(len, answer.iter_raw()))
        return answer, size


def test_the_page_is_packed_for_who_can_unpack_it(site: Site) -> None:
    packed, small = received(site.url, PACKED)
    plain, large = received(site.url, {"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] in ("gzip", "br")
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert "content-encoding" not in plain.headers
    assert large > 100_000 and small < large / 2.5
    assert int(packed.headers["content-length"]) == small
    assert "bq-texts" in httpx.get(site.url, headers=PACKED, timeout=60).text


@pytest.mark.slow
def test_what_streams_comes_as_it_is_made(site: Site) -> None:
    body = {"question": "Where is the factory?", "stream": True}
    with httpx.stream("POST", f"{site.url}/api/answer", json=body, headers=PACKED, timeout=60) as answer:
        assert "content-encoding" not in answer.headers
        moments = [time.monotonic() for _ in answer.iter_raw()]
    assert moments[-1] - moments[0] > 1  # the words of the answer take seconds, and each goes out at once
    assert len(moments) > 5


@pytest.mark.slow
def test_json_is_not_packed(site: Site) -> None:
    answer = httpx.post(f"{site.url}/api/answer", json={"question": "Where is it?"}, headers=PACKED, timeout=60)
    assert len(answer.content) > 2_500 and "content-encoding" not in answer.headers
