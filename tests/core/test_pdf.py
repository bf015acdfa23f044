from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from platssamverkan.core.charts import Point, Target, bar_chart, line_chart, sparkline
from platssamverkan.core.pdf import PdfAttachment, ResourceRefused, render_document
from tests.support.pdf_check import check_pdf, page_count, pdf_attachments, pdf_text

STATIC = Path(__file__).resolve().parents[2] / "static"
FIGURES = b"period;antal\n2026-Q1;12,5\n"


def a_page(body, head=""):
    return (
        '<!DOCTYPE html><html lang="sv"><head><meta charset="utf-8"><title>Rapport</title>'
        f"<style>img {{ image-rendering: crisp-edges }}</style>{head}</head><body><h1>Rapport</h1>{body}</body></html>"
    )


def an_attachment(**changes):
    values = {
        "name": "underlag.csv",
        "content": FIGURES,
        "description": "Underlag till rapporten",
        "created_at": datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
    }
    return PdfAttachment(**(values | changes))


def pages(pdf):
    return PdfReader(BytesIO(pdf)).pages


@pytest.fixture(scope="module")
def report():
    """A page with all that a document of ours holds, in the program's own style sheet and fonts."""
    line = line_chart(
        "line", "Otrygghet", "Sjunker från 38 till 31, med ett uppehåll.",
        [Point("2019", 38), Point("2020", None), Point("2021", 34, approximate=True), Point("2022", 31)],
        target=Target(30, "Målnivå: högst 30", lower_is_better=True), unit="procent",
    )  # fmt: skip
    bars = bar_chart("bars", "Räkningar", "Varierar mellan 182 och 305.", [Point("K1", 182), Point("K2", 305)])
    body = f"""
      <p>Åtgärder på <a href="/samverkan/sergels-torg">Sergels torg</a>, se <a href="#table">tabellen</a>.</p>
      <figure class="chart"><figcaption>Otrygghet</figcaption>{line}</figure>
      <figure class="chart"><figcaption>Räkningar</figcaption>{bars}</figure>
      <p>Förbättras {sparkline([3, 4, 6])}</p>
      <p><img src="/static/images/oversikt.png" alt="Översikten" width="20" height="20"></p>
      <table id="table"><caption>Antal</caption>
        <thead><tr><th scope="col">Period</th><th scope="col">Antal</th></tr></thead>
        <tbody><tr><th scope="row">2026-Q1</th><td>12,5</td></tr></tbody></table>"""
    return render_document(
        a_page(body, '<link rel="stylesheet" href="/static/css/document.css">'),
        base_url_static=STATIC,
        attachments=[an_attachment()],
        site_url="https://samverkan.example",
    )


def test_a_document_passes_pdf_a_3a_and_pdf_ua_1(report, tmp_path):
    file = tmp_path / "rapport.pdf"
    file.write_bytes(report.content)
    assert check_pdf([file]) == []


def test_the_check_finds_what_is_wrong(tmp_path):
    file = tmp_path / "nameless.pdf"
    file.write_bytes(render_document("<p>Ingen titel, inget språk</p>", base_url_static=STATIC).content)
    assert [problem for problem in check_pdf([file]) if problem.startswith("FAIL")]


def test_a_document_carries_its_figures(report):
    assert pdf_attachments(report.content) == {"underlag.csv": FIGURES}


def test_a_document_is_in_swedish_tagged_and_named(report):
    catalog = PdfReader(BytesIO(report.content)).trailer["/Root"]
    assert (catalog["/Lang"], catalog["/MarkInfo"]["/Marked"]) == ("sv", True)
    assert PdfReader(BytesIO(report.content)).metadata.title == "Rapport"


def test_text_is_real_text_in_our_own_fonts(report):
    assert "Åtgärder på Sergels torg" in pdf_text(report.content)
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in pages(report.content)
        for font in page["/Resources"]["/Font"].values()
    }
    assert all("+Source-Sans" in font or "+Familjen-Grotesk" in font for font in fonts), fonts


def test_links_lead_back_to_the_site(report):
    annotations = [note.get_object() for page in pages(report.content) for note in page.get("/Annots", [])]
    addresses = [note["/A"]["/URI"] for note in annotations if "/A" in note]
    assert addresses == ["https://samverkan.example/samverkan/sergels-torg"]


def test_pages_are_counted():
    html = a_page('<p>ett</p><p style="break-before: page">två</p>')
    rendered = render_document(html, base_url_static=STATIC)
    assert rendered.page_count == page_count(rendered.content) == 2


def test_the_same_input_gives_the_same_bytes():
    first, second = (
        render_document(a_page("<p>samma</p>"), base_url_static=STATIC, attachments=[an_attachment()]).content
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/bild.png",
        "https://example.se/bild.png",
        "//example.se/static/bild.png",
        "file:///etc/hostname",
        "ftp://example.se/bild.png",
        "data:text/html,hej",
        "data:image/png;base64,AAAA",
        "/bilagor/99",
        "/static/../config.py",
        "/static/%2e%2e/config.py",
        "/static/..%2fconfig.py",
        "/static//etc/hostname",
        "/static/",
        "/static/finns-inte.png",
    ],
)
@pytest.mark.parametrize(
    "markup",
    [
        '<img src="{}" alt="Bild">',
        '<p style="background-image: url({})">x</p>',
        '<svg width="9" height="9"><title>b</title><image href="{}" width="9" height="9"/></svg>',
    ],
)
def test_nothing_else_than_our_own_files_is_read(address, markup):
    with pytest.raises(ResourceRefused) as refused:
        render_document(a_page(markup.format(address)), base_url_static=STATIC)
    assert refused.value.url


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="stylesheet" href="https://example.se/a.css">',
        '<link rel="attachment" href="file:///etc/hostname">',
        "<style>@import url(https://example.se/a.css);</style>",
        "<style>@font-face { font-family: x; src: url(file:///etc/hostname) } body { font-family: x }</style>",
    ],
)
def test_the_head_of_a_page_reaches_no_further(head):
    with pytest.raises(ResourceRefused):
        render_document(a_page("<p>x</p>", head), base_url_static=STATIC)


def test_a_link_out_of_static_is_not_followed(tmp_path):
    (tmp_path / "secret.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    static = tmp_path / "static"
    static.mkdir()
    (static / "link.svg").symlink_to(tmp_path / "secret.svg")
    with pytest.raises(ResourceRefused):
        render_document(a_page('<img src="/static/link.svg" alt="">'), base_url_static=static)


def test_a_drawing_in_the_style_sheet_needs_no_fetching():
    drawing = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"
    head = f'<style>h1 {{ background-image: url("{drawing}") }}</style>'
    assert render_document(a_page("<p>x</p>", head), base_url_static=STATIC).content.startswith(b"%PDF")
