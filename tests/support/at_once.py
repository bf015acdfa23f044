"""Two people who save at the same moment."""

import re
import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

First = TypeVar("First")
Second = TypeVar("Second")

#: So long the first waits for the second, which may itself be waiting for the first.
PATIENCE = 0.6


def overlapping(
    first: Callable[[], First], second: Callable[[], Second], *, meet_at: str | None = None
) -> tuple[First, Second]:
    """Run `first` until it is about to commit, then `second` as far as it comes, and let both go on to their ends.

    Return what came of each. What either raised is raised.
    :param meet_at: let `first` wait after its first statement that this pattern is found in, instead of at its end
    """
    halfway, done = threading.Event(), threading.Event()
    has_waited = False
    came: dict[str, First | Second] = {}
    raised: list[BaseException] = []

    def run(name: str, act: Callable[[], First] | Callable[[], Second], ended: threading.Event) -> None:
        try:
            came[name] = act()
        except BaseException as error:
            raised.append(error)
        finally:
            ended.set()

    one = threading.Thread(target=run, args=("first", first, halfway))
    two = threading.Thread(target=run, args=("second", second, done))

    def wait(*_: object) -> None:
        nonlocal has_waited
        if threading.current_thread() is one and not halfway.is_set():
            has_waited = True
            halfway.set()
            done.wait(PATIENCE)

    def wait_after(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if re.search(str(meet_at), statement):
            wait()

    watched = (Session, "before_commit", wait) if meet_at is None else (Engine, "after_cursor_execute", wait_after)
    event.listen(*watched)
    try:
        one.start()
        halfway.wait()
        two.start()
        one.join()
        two.join()
    finally:
        event.remove(*watched)
    if raised:
        raise raised[0]
    assert has_waited or meet_at is None, f"no statement ran that {meet_at} is found in"
    return came["first"], came["second"]  # type: ignore[return-value]
