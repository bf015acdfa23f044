"""Timing of requests, straight at the WSGI app, ours and the floor's in turn."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import EnvironBuilder

from platssamverkan.core.db import db


@dataclass(frozen=True)
class Answer:
    """What a request gave."""

    status: int
    size: int


def get(app: Flask, path: str, cookie: str = "") -> Answer:
    """Ask `app` for `path` and read the whole answer."""
    environ = EnvironBuilder(path=path.partition("?")[0], query_string=path.partition("?")[2]).get_environ()
    if cookie:
        environ["HTTP_COOKIE"] = cookie
    statuses: list[str] = []

    def start(status: str, _headers: object, _error: object = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda _data: None

    body = app.wsgi_app(environ, start)
    try:
        size = sum(len(part) for part in body)
    finally:
        close = getattr(body, "close", None)
        if close:
            close()
    return Answer(int(statuses[0][:3]), size)


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that run inside the block."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        statements.append(text)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def in_turn(runs: int, *works: Callable[[], object], warm_up: int = 3) -> list[float]:
    """Return the median seconds of each, run in turn `runs` times, so that a slow moment of the machine hits them all.

    The first `warm_up` rounds are not counted.
    """
    times: list[list[float]] = [[] for _ in works]
    for number in range(runs + warm_up):
        for side, work in zip(times, works, strict=True):
            started = time.perf_counter()
            work()
            if number >= warm_up:
                side.append(time.perf_counter() - started)
    return [statistics.median(side) for side in times]
