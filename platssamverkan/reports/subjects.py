"""What a document is about, as it is stored: "meeting:12", "briefing:7", "2023-vb"."""

import re

from flask import abort

from platssamverkan.goals.models import ReportingPeriod


def row_id(subject: str, noun: str) -> int:
    """Return the id in "meeting:12"; 404 when it is no such subject."""
    match = re.fullmatch(rf"{noun}:(\d{{1,9}})", subject, flags=re.ASCII)
    if not match:
        abort(404)
    return int(match[1])


def year_and_period(subject: str) -> tuple[int, ReportingPeriod]:
    """Return year and period of "2023-vb"; 404 when it is none."""
    match = re.fullmatch(r"(20\d\d|21\d\d)-(t1|t2|vb)", subject, flags=re.ASCII)
    if not match:
        abort(404)
    return int(match[1]), ReportingPeriod(match[2])
