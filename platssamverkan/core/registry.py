"""Where a lower room learns what a higher one knows, without importing it.

Mentions: a measure's page lists the decisions behind it. Linkables: an assessment may rest on an event. Names: the log
says what was changed. Search: each room says how its rows are found. Feed: each room says what has happened lately. The
higher room registers itself here.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Date, String, and_, bindparam, cast

from platssamverkan.core import clock
from platssamverkan.core.partial_date import FIRST_YEAR, LAST_YEAR
from platssamverkan.core.visibility import Reader, Readers


@dataclass(frozen=True)
class Mention:
    """A place where a record is spoken of: "Strategiskt samverkansforum, § 10, beslut 2"."""

    label: str
    url: str
    on: date | None = None
    #: What kind of link in the chain it is, in Swedish: "Beslut", "Utställning", "Bedömning".
    kind: str = ""


@dataclass(frozen=True)
class Hit:
    """One search result or one line in a feed."""

    kind: str
    title: str
    url: str
    text: str = ""
    at: date | datetime | None = None
    by: str = ""
    minor: bool = False
    #: Of a search result: in which of the partnerships it was found.
    partnership_id: int | None = None
    #: Made up, and not said so by the title.
    is_example: bool = False


@dataclass(frozen=True)
class MailText:
    """What a mail says: that something is new and where. Never the text itself, which a mail can't keep closed."""

    subject: str
    lines: Sequence[str]
    #: (what it leads to, path)
    links: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class MailTopic:
    """A kind of mail that each user can have or not."""

    label: str
    #: When it comes, as the user chooses it: "När minnesanteckningar har godkänts".
    when: str
    #: Whether those who have not chosen get it.
    is_on: bool
    #: (row id, user id) → the text, or None when there is no longer anything to tell this user. Run as the mail leaves.
    compose: Callable[[int, int], MailText | None]


#: (partnership_id, row ids, reader) → row id → mentions. A fixed number of queries, however many ids.
MentionProvider = Callable[[int, Sequence[int], Reader], dict[int, list[Mention]]]


class LinkableProvider(Protocol):
    """Tells which rows of a room an assessment may rest on, or a measure serve, from a first to a last day."""

    def __call__(
        self, partnership_id: int, reader: Reader, first: date, last: date, /, ids: Sequence[int] | None = None
    ) -> list[tuple[int, str, str]]:
        """Return (id, label, url) of the rows in the room's order; of those with one of `ids`, where they are given."""


#: Days before and after all that happens.
ALWAYS = (date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))

#: (partnership_id, row ids, reader) → row id → what the row is called and its page, "" where it has none. A fixed
#: number of queries, however many ids; nothing of what the reader may not see.
NameProvider = Callable[[int, Sequence[int], Reader], dict[int, Mention]]

#: goal id → the ids of the rows that are tied to the goal, whoever may read them; one query.
TiedProvider = Callable[[int], set[int]]

#: (readers, words, at most in each partnership) → hits, those of each partnership in their order. A fixed number of
#: queries, however many partnerships.
SearchProvider = Callable[[Readers, Sequence[str], int], list[Hit]]


@dataclass(frozen=True)
class Window:
    """Which happenings are asked for: the latest `most` of those from `first` to `last`, both days included."""

    most: int
    first: date = ALWAYS[0]
    last: date = ALWAYS[1]

    def values(self, partnership_id: int) -> dict[str, object]:
        """Return the bound parameters of a feed's statement; see `in_window` and `day_in_window`."""
        start, end = clock.day_bounds(self.first, self.last)
        return {
            "partnership_id": partnership_id,
            "most": self.most,
            "first": self.first,
            "last": self.last,
            "start": start,
            "end": end,
        }

    def holds(self, at: date | None) -> bool:
        """Say whether the window holds a day or a moment."""
        if at is None:
            return False
        return self.first <= (clock.to_local(at).date() if isinstance(at, datetime) else at) <= self.last


def in_window(moment: Any) -> ColumnElement[bool]:
    """Return the condition that a column of moments lies in the window."""
    return and_(moment >= bindparam("start"), moment < bindparam("end"))


def day_in_window(day: Any) -> ColumnElement[bool]:
    """Return the condition that a column of days, as dates or as texts in ISO form, lies in the window."""
    bounds = bindparam("first", type_=Date), bindparam("last", type_=Date)
    first, last = bounds if isinstance(day.type, Date) else (cast(bound, String) for bound in bounds)
    return and_(day >= first, day <= last)


#: (partnership_id, reader, window) → latest first; one query.
FeedProvider = Callable[[int, Reader, Window], list[Hit]]


@dataclass
class Registry:
    """All that rooms have registered; one per process, filled when the app is made."""

    mentions: dict[str, list[MentionProvider]] = field(default_factory=dict)
    linkables: dict[str, LinkableProvider] = field(default_factory=dict)
    #: By the same kinds: which of the rows are tied to a goal.
    tied_to_goal: dict[str, TiedProvider] = field(default_factory=dict)
    #: By table, for those that are not among the linkables: what the rows are called.
    names: dict[str, NameProvider] = field(default_factory=dict)
    searches: dict[str, SearchProvider] = field(default_factory=dict)
    feeds: dict[str, FeedProvider] = field(default_factory=dict)
    #: Tabs of the workspace in their order: (order, label, endpoint).
    tabs: list[tuple[int, str, str]] = field(default_factory=list)
    #: Named query functions that a sibling room may ask for: ("events_ahead", function).
    questions: dict[str, Callable[..., Any]] = field(default_factory=dict)

    #: Kinds of mail, by the key that the outbox keeps.
    mail_topics: dict[str, MailTopic] = field(default_factory=dict)
    #: What the worker does at its start and once a day: returns how many rows it made or took away; does not commit.
    daily_tasks: dict[str, Callable[[], int]] = field(default_factory=dict)

    def add_mentions(self, kind: str, provider: MentionProvider) -> None:
        """Register who can tell where rows of `kind` ("measure", "briefing_item", "activation_event") are spoken of."""
        known = self.mentions.setdefault(kind, [])
        if provider not in known:
            known.append(provider)

    def mentions_of(
        self, kind: str, partnership_id: int, ids: Sequence[int], reader: Reader
    ) -> dict[int, list[Mention]]:
        """Return row id → mentions, newest first, as far as `reader` may see them."""
        found: dict[int, list[Mention]] = {row_id: [] for row_id in ids}
        if ids:
            for provider in self.mentions.get(kind, []):
                for row_id, mentions in provider(partnership_id, ids, reader).items():
                    found[row_id].extend(mentions)
        for mentions in found.values():
            mentions.sort(key=lambda mention: mention.on or date.min, reverse=True)
        return found

    def names_of(self, table: str, partnership_id: int, ids: Collection[int], reader: Reader) -> dict[int, Mention]:
        """Return row id → what the row of `table` is called and its page, as far as `reader` may see it and a room can
        tell."""
        if ids and table in self.names:
            return self.names[table](partnership_id, sorted(ids), reader)
        if ids and table in self.linkables:
            found = self.linkables[table](partnership_id, reader, *ALWAYS, ids=sorted(ids))
            return {row_id: Mention(label, url) for row_id, label, url in found}
        return {}

    def add_tab(self, order: int, label: str, endpoint: str) -> None:
        """Register a tab of the workspace."""
        if (order, label, endpoint) not in self.tabs:
            self.tabs.append((order, label, endpoint))
            self.tabs.sort()

    def ask(self, question: str, *args: Any, **kwargs: Any) -> Any:
        """Return what the room that registered `question` answers. Raises KeyError when no room has."""
        return self.questions[question](*args, **kwargs)


registry = Registry()
