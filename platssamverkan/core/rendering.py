"""Page and fragment from one template: same address, view and context; the fragment is what the page includes."""

from flask import Response, make_response, render_template, request


def wants_fragment() -> bool:
    """Say whether htmx asks for a part of the page. A history restore needs the whole page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def render_page(page: str, *, fragment: str | None = None, status: int = 200, **context: object) -> Response:
    """Return `page`, or only its `fragment` with the messages beside it when htmx asks for that."""
    if fragment and wants_fragment():
        html = render_template(fragment, **context) + render_template("components/_messages.html", oob=True)
    else:
        html = render_template(page, **context)
    response = make_response(html, status)
    response.vary.add("HX-Request")
    return response
