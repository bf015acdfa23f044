"""Security headers: everything the pages need comes from the program itself, so nothing else is let in."""

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Safari holds its own reader of a PDF to what is said of a page, and would show a corner of the file or nothing.
PDF_POLICY = "frame-ancestors 'none'"
#: A browser that has once been answered over https asks for nothing else for a year.
HTTPS_ONLY = "max-age=31536000"


def init_app(app: Flask) -> None:
    """Send the headers with every answer."""

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", PDF_POLICY if response.mimetype == "application/pdf" else POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        if app.config["SESSION_COOKIE_SECURE"]:
            headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
        if request.endpoint != "static" or response.status_code >= 400:
            # Pages and files differ by reader and must not stay on a shared computer or on the way there.
            headers.setdefault("Cache-Control", "no-store")
        return response
