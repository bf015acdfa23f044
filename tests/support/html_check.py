"""Is a page valid HTML? Asks the validator of the W3C (vnu)."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
JAR = ROOT / "tests" / "tools" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def check_html(pages: Sequence[tuple[str, str]]) -> list[str]:
    """Return one line for each error or warning in the `(name, html)` pages; empty when all are valid.

    One Java process takes all pages (about 2 s and some ms for each), so hand in many at a time.

    :raises RuntimeError: if the validator is not installed or gave no answer
    """
    if not JAR.exists():
        raise RuntimeError("vnu-jar is missing: npm ci --prefix tests/tools")
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for index, (name, html) in enumerate(pages):
            file = Path(folder) / f"{index}.html"
            file.write_text(html, encoding="utf-8")
            files[file.resolve().as_uri()] = name
        run = subprocess.run(
            ["java", "-Xss4m", "-jar", str(JAR), "--format", "json", "--stdout", "--exit-zero-always", folder],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
    try:
        messages = json.loads(run.stdout)["messages"]
    except ValueError as error:
        raise RuntimeError(f"vnu gave no answer: {run.stderr[-2000:]}") from error
    return [_line(message, files) for message in messages]


def _line(message: dict[str, str], files: dict[str, str]) -> str:
    url = message.get("url", "").replace("file:/", "file:///").replace("file://///", "file:///")
    extract = " ".join(message.get("extract", "").split())
    return f"{files.get(url, url)}:{message.get('lastLine', '?')}: {message['message']} [{extract}]"
