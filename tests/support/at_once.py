"""Two people who save at the same moment."""

import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

First = TypeVar("First")
Second = TypeVar("Second")

#: So long the first waits for the second, which may itself be waiting for the first.
PATIENCE = 0.6


def overlapping(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """Run `first` until it is about to commit, then `second` as far as it comes, and let both go on to their ends.

    Return what came of each. What either raised is raised.
    """
    about_to_commit, done = threading.Event(), threading.Event()
    came: dict[str, First | Second] = {}
    raised: list[BaseException] = []

    def run(name: str, act: Callable[[], First] | Callable[[], Second], ended: threading.Event) -> None:
        try:
            came[name] = act()
        except BaseException as error:
            raised.append(error)
        finally:
            ended.set()

    one = threading.Thread(target=run, args=("first", first, about_to_commit))
    two = threading.Thread(target=run, args=("second", second, done))

    def wait(_session: Session) -> None:
        if threading.current_thread() is one and not about_to_commit.is_set():
            about_to_commit.set()
            done.wait(PATIENCE)

    event.listen(Session, "before_commit", wait)
    try:
        one.start()
        about_to_commit.wait()
        two.start()
        one.join()
        two.join()
    finally:
        event.remove(Session, "before_commit", wait)
    if raised:
        raise raised[0]
    return came["first"], came["second"]  # type: ignore[return-value]
