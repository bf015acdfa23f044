"""`python -m bench`: prints a table of times, queries and ratios, and says which aims are missed. Exits with 0."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from flask import Flask

from bench.database import filled_app, session_cookie
from bench.documents import report_makers
from bench.floor import add_empty_page, empty_page_path, floor_app, signed_in_floor_app
from bench.memory import worker_megabytes
from bench.pages import Page, pages, report_pdf
from bench.timing import counted_queries, get, in_turn

PDF_AIM, MEGABYTES_AIM = 1.3, 250
HEAD = ("Sida", "Byte", "Frågor", "Median ms", "Golv ms", "Kvot", "Mål", "Mot inloggat", "Tom sida")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Mäter sidorna mot golvet.")
    parser.add_argument("--runs", type=int, default=40, help="mätningar per sida")
    parser.add_argument("--pdf-runs", type=int, default=3, help="mätningar av PDF")
    parser.add_argument("--requests", type=int, default=1000, help="förfrågningar före mätningen av minne")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        app = filled_app(folder)
        add_empty_page(app)
        floors = floor_app(), signed_in_floor_app(app)
        cookie = session_cookie(app)
        chosen = pages(app)
        missed: list[str] = []
        print()
        print(_line(HEAD))
        for page in chosen:
            missed += _measure_page(app, floors, cookie, page, options.runs)
        missed += _measure_pdf(app, options.pdf_runs)
        missed += _measure_memory(folder, cookie, [page.path for page in chosen], report_pdf(app), options.requests)
    print()
    print("Mot inloggat: kvoten mot golvet bakom en inloggning.")
    print("Tom sida: kvoten mot golvet för en sida i samverkan med lika många byte som inte läser något.")
    print("Alla mål är nådda." if not missed else "Missade mål:")
    for line in missed:
        print(f"  {line}")


def _line(cells: tuple[object, ...]) -> str:
    first, *rest = (str(cell) for cell in cells)
    return f"{first:<32}" + "".join(f"{cell:>13}" for cell in rest)


def _row(name: str, size: int, queries: int, times: Sequence[float], aim: float | None) -> list[str]:
    """Print one row of our time and the floor's; return a line about the aim when it is missed.

    A third time is that of the floor behind a sign-in, a fourth that of an empty page of the program: the least that a
    page with as many bytes can cost there.
    """
    ours, floor, *beyond = times
    ratio = ours / floor
    shown = f"{aim:g}" if aim is not None else "-"
    beside = [f"{ours / beyond[0]:.2f}", f"{beyond[1] / floor:.2f}"] if beyond else []
    print(_line((name, size, queries, f"{ours * 1000:.1f}", f"{floor * 1000:.2f}", f"{ratio:.2f}", shown, *beside)))
    return [f"{name}: {ratio:.2f}, mål högst {shown}"] if aim is not None and ratio > aim else []


def _measure_page(app: Flask, floors: Sequence[Flask], cookie: str, page: Page, runs: int) -> list[str]:
    get(app, page.path, cookie)
    with counted_queries(app) as statements:
        answer = get(app, page.path, cookie)
    if answer.status != 200:
        print(_line((page.name, f"svar {answer.status}", "", "", "", "", "")))
        return [f"{page.name}: svarade {answer.status}"]
    bare = [partial(get, floor, f"/{answer.size}", cookie) for floor in floors]
    empty = partial(get, app, empty_page_path(answer.size), cookie)
    times = in_turn(runs, partial(get, app, page.path, cookie), *bare, empty)
    return _row(page.name, answer.size, len(statements), times, page.aim)


def _measure_pdf(app: Flask, runs: int) -> list[str]:
    ours, floor = report_makers(app)
    with counted_queries(app) as statements:
        size = len(ours())
    return _row("Måluppfyllelserapport, PDF", size, len(statements), in_turn(runs, ours, floor, warm_up=1), PDF_AIM)


def _measure_memory(folder: Path, cookie: str, paths: list[str], pdf_path: str, requests: int) -> list[str]:
    if not sys.platform.startswith("linux"):
        print("Minne mäts bara på Linux.")
        return []
    pages_only, with_pdf = worker_megabytes(folder, cookie, paths, pdf_path, requests)
    missed = []
    print()
    for what, megabytes in (
        (f"En arbetsprocess efter {requests} blandade förfrågningar", pages_only),
        ("Samma process efter en måluppfyllelserapport som PDF", with_pdf),
    ):
        print(f"{what}: {megabytes:.0f} MB (mål under {MEGABYTES_AIM}).")
        if megabytes >= MEGABYTES_AIM:
            missed.append(f"{what}: {megabytes:.0f} MB, mål under {MEGABYTES_AIM}")
    return missed


if __name__ == "__main__":
    main()
