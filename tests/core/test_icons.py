"""Icons are inline SVG that screen readers pass over."""

import pytest

from platssamverkan.core.icons import icon, icon_names


def test_an_icon_takes_the_colour_of_its_text_and_is_hidden_from_screen_readers() -> None:
    svg = icon("s-done")
    assert svg.startswith('<svg class="icon" aria-hidden="true" focusable="false"')
    assert 'stroke="currentColor"' in svg


def test_a_name_without_a_file_is_refused() -> None:
    with pytest.raises(KeyError):
        icon("s-nothing")


def test_every_status_has_its_own_shape() -> None:
    shapes = [icon(name) for name in icon_names() if name.startswith("s-")]
    assert len(shapes) == len(set(shapes))
