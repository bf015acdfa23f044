"""HTML to PDF: one file that is both PDF/A-3a (for the archive) and PDF/UA-1 (for every reader).

A page that is printed needs `<html lang>`, a `<title>`, `alt` on images, a `<title>` in each inline svg, and
`img { image-rendering: crisp-edges }`, since PDF/A forbids interpolated images.
"""

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

Relationship = Literal["Source", "Data", "Alternative", "Supplement", "Unspecified"]

#: Where links lead when no site address is known; `.invalid` never resolves.
NO_SITE = "https://platssamverkan.invalid"

#: The PDF/UA mark, and the extension schema without which PDF/A does not allow it.
PDF_UA_METADATA = b"""\
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


class ResourceRefused(Exception):
    """The page asked for something that is neither in static/ nor handed in with it."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url[:200]}: {reason}")
        self.url = url


@dataclass(frozen=True, slots=True)
class PdfAttachment:
    """A file embedded in the PDF, such as the figures behind a report as CSV."""

    name: str
    content: bytes
    description: str
    created_at: datetime
    relationship: Relationship = "Data"


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """The bytes of a PDF and how many pages it has."""

    content: bytes
    page_count: int


def render_pdf(
    html: str,
    *,
    base_url_static: Path,
    attachments: Sequence[PdfAttachment] = (),
    files: Mapping[str, bytes] | None = None,
    site_url: str = NO_SITE,
) -> bytes:
    """Return `html` as PDF/A-3a and PDF/UA-1. The same input gives the same bytes.

    :param base_url_static: the folder that `/static/…` is read from
    :param files: what the page may show besides static/, by path: `{"/bilagor/12": b"…"}`
    :param site_url: the address of the site, so that links in the file lead back to it
    :raises ResourceRefused: if the page asks for anything else; nothing is ever fetched from a network
    """
    return render_document(
        html, base_url_static=base_url_static, attachments=attachments, files=files, site_url=site_url
    ).content


def render_document(
    html: str,
    *,
    base_url_static: Path,
    attachments: Sequence[PdfAttachment] = (),
    files: Mapping[str, bytes] | None = None,
    site_url: str = NO_SITE,
) -> RenderedPdf:
    """Do what `render_pdf` does and return the number of pages too.

    :raises ResourceRefused: as `render_pdf`
    """
    # Imported here because it loads Pango and takes most of a second; most processes never print.
    import weasyprint  # noqa: PLC0415
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415

    address = site_url.rstrip("/")
    fetch = _fetcher(address, base_url_static, files or {})
    options: dict[str, Any] = {
        "pdf_variant": "pdf/a-3a",
        "pdf_tags": True,
        "pdf_identifier": _identifier(html, attachments),
        "attachments": [_embedded(attachment) for attachment in attachments],
    }
    try:
        document = weasyprint.HTML(string=html, base_url=f"{address}/", url_fetcher=fetch).render(**options)
        _mark_as_pdf_ua(document.metadata)
        content: bytes = document.write_pdf(**options)
    except FatalURLFetchingError as error:
        raise error.__cause__ or ResourceRefused(address, str(error)) from None
    if fetch.refused:
        # WeasyPrint goes on without a picture that an inline svg asks for.
        raise fetch.refused[0]
    return RenderedPdf(content=content, page_count=len(document.pages))


def _identifier(html: str, attachments: Sequence[PdfAttachment]) -> bytes:
    digest = hashlib.sha256(html.encode())
    for attachment in attachments:
        digest.update(attachment.name.encode() + b"\0" + attachment.content)
    return digest.hexdigest()[:32].encode()


def _embedded(attachment: PdfAttachment) -> Any:
    import weasyprint  # noqa: PLC0415  (see render_document)

    created_at = attachment.created_at.astimezone(UTC)
    return weasyprint.Attachment(
        file_obj=BytesIO(attachment.content),
        name=attachment.name,
        description=attachment.description,
        relationship=attachment.relationship,
        created=created_at,
        modified=created_at,
    )


def _mark_as_pdf_ua(metadata: Any) -> None:
    """Add the PDF/UA mark to the metadata of a PDF/A. WeasyPrint writes one or the other, never both.

    `generate_rdf_metadata` is not a documented hook; the veraPDF test shows whether it still works.
    """
    plain = metadata.generate_rdf_metadata

    def with_pdf_ua(*arguments: Any) -> bytes:
        rdf: bytes = plain(*arguments)
        end = rdf.rindex(b"</rdf:RDF>")
        return rdf[:end] + PDF_UA_METADATA + rdf[end:]

    metadata.generate_rdf_metadata = with_pdf_ua


def _fetcher(site_url: str, static: Path, files: Mapping[str, bytes]) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415  (see render_document)

    folder = static.resolve()

    class OwnFilesOnly(URLFetcher):
        """Serves static/ and the files handed in. Knows no other protocol, so a page can't reach out."""

        def __init__(self) -> None:
            super().__init__(fail_on_errors=True)
            self.refused: list[ResourceRefused] = []

        def fetch(self, url: str, headers: object = None) -> Any:
            if url.startswith("data:image/svg+xml,"):
                return URLFetcherResponse(url, unquote(url.partition(",")[2]), {"Content-Type": "image/svg+xml"})
            try:
                path = _path_on_site(url, site_url)
                content = files[path] if path in files else _static_file(url, path, folder)
            except ResourceRefused as refused:
                self.refused.append(refused)
                raise
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return OwnFilesOnly()


def _path_on_site(url: str, site_url: str) -> str:
    asked, site = urlsplit(url), urlsplit(site_url)
    if (asked.scheme, asked.netloc) != (site.scheme, site.netloc):
        raise ResourceRefused(url, "en PDF hämtar inget utanför programmet")
    return unquote(asked.path)


def _static_file(url: str, path: str, folder: Path) -> bytes:
    if not path.startswith("/static/"):
        raise ResourceRefused(url, "en PDF visar bara filer ur static/ och dokumentets egna bilagor")
    file = (folder / path.removeprefix("/static/")).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise ResourceRefused(url, "filen finns inte i static/")
    return file.read_bytes()
