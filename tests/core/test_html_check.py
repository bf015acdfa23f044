from tests.support.html_check import check_html

PAGE = """<!DOCTYPE html><html lang="sv"><head><meta charset="utf-8"><title>Möten</title></head><body><h1>Möten</h1>
<form method="post" action="/moten" data-hx-post="/moten" data-hx-target="#list">
<button>Spara</button></form></body></html>"""


def test_a_valid_page_with_htmx_has_no_faults():
    assert check_html([("möten", PAGE)]) == []


def test_a_fault_is_told_with_the_name_of_its_page():
    problems = check_html([("bra", PAGE), ("dålig", PAGE.replace("data-hx-post", "hx-post"))])
    assert len(problems) == 1
    assert problems[0].startswith("dålig:2: ")
    assert "hx-post" in problems[0]


def test_the_components_page_is_valid(anonymous):
    assert check_html([("komponenter", anonymous.get("/komponenter").text)]) == []
