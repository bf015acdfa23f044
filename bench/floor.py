"""The floor: a bare Flask and Jinja page of as many bytes. No database, no session, no layout; only rows of cells."""

from flask import Flask, render_template_string

PAGE = """<!doctype html>
<html lang="sv"><head><meta charset="utf-8"><title>Golv</title></head><body><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table><p>{{ rest }}</p></body></html>"""
ROW = tuple(f"En cell med text, nr {number}" for number in range(8))
ROW_BYTES = len("<tr></tr>\n") + sum(len(f"<td>{cell}</td>") for cell in ROW)
EMPTY_BYTES = len(
    '<!doctype html>\n<html lang="sv"><head><meta charset="utf-8"><title>Golv</title></head><body><table>\n'
) + len("</table><p></p></body></html>")


def floor_app() -> Flask:
    """Return an app whose page /<size> has `size` bytes, as near as a row of cells allows below and text above."""
    app = Flask(__name__)
    app.jinja_env.auto_reload = False

    @app.get("/<int:size>")
    def page(size: int) -> str:
        count, rest = divmod(max(0, size - EMPTY_BYTES), ROW_BYTES)
        return render_template_string(PAGE, rows=[ROW] * count, rest="x" * rest)

    return app
