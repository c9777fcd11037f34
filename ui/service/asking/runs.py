"""Answers that outlive their connection: a page that was reloaded, or lost its line, takes up the one it asked for."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ui.http.fair_queue import SIGNED_IN
from ui.view.cards import TurnCard
from ui.view.render import safe_id

__all__ = ["Runs", "run_routes"]

States: TypeAlias = AsyncGenerator[TurnCard, None]
_NEVER_KEPT = {"cache-control": "no-store"}
# A page that is reloaded over a slow line is back by then; who does not come back costs no more than this.
_UNWATCHED_SECONDS = 30.0
_KEPT_SECONDS = 300.0
_MOST_KEPT = 128
# A page names each run by 128 random bits: whoever knows the name is the one who asked. A shorter name proves nothing.
_NAME_CHARACTERS = 32


@dataclass(slots=True)
class _Run:
    question: str
    turn: TurnCard | None = None
    version: int = 0
    done: bool = False
    watchers: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    expiry: asyncio.TimerHandle | None = None

    def show(self, turn: TurnCard | None = None, *, done: bool = False) -> None:
        """Let all who watch see the newest state, or that no other will come."""
        if turn is not None:
            self.turn, self.version = turn, self.version + 1
        self.done = self.done or done
        self.changed.set()
        self.changed = asyncio.Event()


class Runs:
    """What is being answered and what was answered just now, each by its name and who asked. For one event loop.

    Args:
        stop: ends a run by its name.
        unwatched: seconds that a run goes on when nobody watches it.
        kept: seconds that a finished answer is kept.
    """

    def __init__(
        self,
        stop: Callable[[str], object],
        *,
        unwatched: float = _UNWATCHED_SECONDS,
        kept: float = _KEPT_SECONDS,
    ) -> None:
        self._stop = stop
        self._unwatched, self._kept = unwatched, kept
        self._runs: OrderedDict[tuple[str, str], _Run] = OrderedDict()

    async def states(self, name: str, owner: str, question: str, begin: Callable[[], States]) -> States:
        """Yield the states of a run, from its newest on: of the one of that name if there is one, else of a new one.

        Args:
            name: random name of the run.
            owner: who signed in; `""` where nobody signs in.
            question: as typed; a run of another question is another one.
            begin: asks the question.
        """
        key, run = (owner, name), self._runs.get((owner, name))
        if len(name) < _NAME_CHARACTERS or (run is not None and run.question != question):
            async with aclosing(begin()) as own:
                async for turn in own:
                    yield turn
            return
        async with aclosing(self._watched(key, run or self._begun(key, question, begin()))) as watched:
            async for turn in watched:
                yield turn

    def look(self, name: str, owner: str) -> dict[str, object]:
        """Return whether there is such a run, the number of its newest state, and whether that is the last."""
        run = self._runs.get((owner, name))
        if run is None:
            return {"known": False, "version": 0, "done": False}
        return {"known": True, "version": run.version, "done": run.done}

    def _begun(self, key: tuple[str, str], question: str, states: States) -> _Run:
        run = self._runs[key] = _Run(question)
        run.task = asyncio.ensure_future(self._followed(key, run, states))
        while len(self._runs) > _MOST_KEPT and (oldest := self._oldest_done()):
            self._forget(oldest)
        return run

    async def _followed(self, key: tuple[str, str], run: _Run, states: States) -> None:
        try:
            async with aclosing(states):
                async for turn in states:
                    run.show(turn)
        finally:
            run.show(done=True)
            self._end_later(key, run)

    async def _watched(self, key: tuple[str, str], run: _Run) -> States:
        seen, run.watchers = 0, run.watchers + 1
        self._stay(run)
        try:
            while True:
                changed = run.changed
                if run.turn is not None and run.version > seen:
                    seen = run.version
                    yield run.turn
                elif run.done:
                    return
                else:
                    await changed.wait()
        finally:
            run.watchers -= 1
            self._end_later(key, run)

    def _end_later(self, key: tuple[str, str], run: _Run) -> None:
        """Forget a run after a while: a finished one, or one that nobody watches any more."""
        self._stay(run)
        if run.done or run.watchers == 0:
            seconds = self._kept if run.done else self._unwatched
            run.expiry = asyncio.get_running_loop().call_later(seconds, self._forget, key)

    def _stay(self, run: _Run) -> None:
        if run.expiry is not None:
            run.expiry.cancel()
            run.expiry = None

    def _forget(self, key: tuple[str, str]) -> None:
        run = self._runs.pop(key, None)
        if run is not None:
            self._stay(run)
            if not run.done:
                self._stop(key[1])

    def _oldest_done(self) -> tuple[str, str] | None:
        return next((key for key, run in self._runs.items() if run.done), None)


def run_routes(runs: Runs) -> list[BaseRoute]:
    """Return the route by which a page that hears nothing asks after its run."""

    async def look(request: Request) -> Response:
        found = runs.look(safe_id(request.path_params["run"]), str(request.scope.get(SIGNED_IN) or ""))
        return JSONResponse(found, headers=_NEVER_KEPT)

    return [Route("/chat/run/{run}", look, methods=["GET"])]
