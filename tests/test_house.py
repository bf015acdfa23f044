"""Rooms and floors: a file imports from its own room and from the floors below, never upwards or sideways."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "platssamverkan"
FLOORS = {
    0: {"core"},
    1: {"accounts", "actors", "places"},
    2: {"partnerships"},
    3: {"agreements", "goals", "measures"},
    4: {"meetings", "briefings", "activations", "surveys"},
    5: {"reports", "overview", "public"},
    6: {"demo"},
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
#: What a fresh clone holds at the top; git's own files aside.
TOP = {
    "platssamverkan", "templates", "static", "migrations", "tests", "bench", "config.py", "wsgi.py", "README.md",
    "pyproject.toml", "requirements.lock", "Makefile", ".ci", ".gitignore",
}  # fmt: skip
LOCAL = {
    ".git",
    ".venv",
    ".cache",
    ".ruff_cache",
    ".hypothesis",
    "instance",
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
}


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms that a file imports from, wherever in the file the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith(f"{PACKAGE}.")}
    return found & set(FLOOR_OF)


def arrows_that_go_up() -> list[str]:
    return [
        f"{path.relative_to(ROOT)} (floor {floor}) imports {other} (floor {FLOOR_OF[other]})"
        for room, floor in FLOOR_OF.items()
        for path in sorted((ROOT / PACKAGE / room).rglob("*.py"))
        for other in imported_rooms(path) - {room}
        if FLOOR_OF[other] >= floor
    ]


def test_no_import_goes_up_or_sideways() -> None:
    assert arrows_that_go_up() == []


def test_every_room_stands_on_a_floor() -> None:
    rooms = {path.parent.name for path in (ROOT / PACKAGE).glob("*/__init__.py")}
    assert rooms == set(FLOOR_OF)


def test_every_question_that_a_room_answers_is_asked_and_every_one_asked_is_answered() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / PACKAGE).rglob("*.py"))
    answered, asked = (set(re.findall(words, source)) for words in (r'questions\["(\w+)"\] =', r'\.ask\("(\w+)"'))
    assert answered == asked


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    assert {path.name for path in ROOT.iterdir()} - LOCAL == TOP


def test_templates_hold_no_inline_style_or_script() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert 'style="' not in text, path
        assert "<script>" not in text, path
        for attribute in (" hx-get=", " hx-post=", " hx-target=", " hx-swap="):
            assert attribute not in text, (path, attribute)


def part_of_readme(heading: str) -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_every_setting_is_in_the_table_of_the_readme_and_read_in_one_file_only() -> None:
    read = set(re.findall(r'"([A-Z][A-Z_]{3,})"', (ROOT / "config.py").read_text(encoding="utf-8")))
    # The port belongs to `make demo`.
    assert set(re.findall(r"`([A-Z][A-Z_]{3,})`", part_of_readme("Inställningar"))) == read | {"PORT"}
    for path in (ROOT / PACKAGE).rglob("*.py"):
        assert not re.search(r"\benviron\b|\bgetenv\b", path.read_text(encoding="utf-8")), path


def test_every_word_of_the_field_is_in_the_glossary() -> None:
    glossary = part_of_readme("Ordlista")
    models = {
        node.name
        for room in FLOOR_OF.keys() - {"core", "accounts"}
        for path in (ROOT / PACKAGE / room).glob("models.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and "Model" in map(ast.unparse, node.bases)
    }
    assert {name for name in models if f"`{name}`" not in glossary} == set()
