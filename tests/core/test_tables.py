"""Lists as their addresses ask for them, also when the address makes no sense."""

import pytest
from flask.testing import FlaskClient

LISTS = (
    "aktorer", "avtal", "avtal/ataganden", "atgarder", "atgarder/problem", "mal/alla", "mal/indikatorer", "moten",
    "utstallningar", "lagesbild", "platsaktivering", "rapporter", "logg", "behorigheter",
)  # fmt: skip


@pytest.mark.parametrize("page", LISTS)
@pytest.mark.parametrize(
    "question",
    [
        "sida=-1&antal=999&sortera=nonsens",
        "sida=99999999999999999999&antal=x&sortera=--",
        "sida=²&antal=٣&format=exe&q=%00%ff&text=%00%ff",
        "fran=0001-01-01&till=9999-12-31",
        "fran=9999-12-31&till=2026-13-45",
    ],
)
def test_an_address_that_makes_no_sense_shows_the_list_all_the_same(
    coordinator: FlaskClient, page: str, question: str
) -> None:
    assert coordinator.get(f"/samverkan/sergels/{page}?{question}").status_code == 200
