"""A figure as it stands in a page: PNG inside the page itself, once for light and once for dark screens."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from matplotlib.figure import Figure

from foveate.plots.theme import Theme

_INCH: Final = 100  # pixels of the page; an image of 200 dots an inch has two for each, as fine screens show them


@final
@dataclass(frozen=True)
class Picture:
    """One figure.

    Attributes:
        light, dark: data URIs.
        width, height: in pixels of the page.
        alt: the figure in words.
        caption: what stands below it.
    """

    light: str
    dark: str
    width: int
    height: int
    alt: str
    caption: str


def picture(
    draw: Callable[[Theme], Figure], themes: tuple[Theme, Theme], *, alt: str, caption: str, dpi: int = 200
) -> Picture:
    """Draw a figure in a light and a dark theme."""
    figures = [draw(theme) for theme in themes]
    width, height = (round(inches * _INCH) for inches in figures[0].get_size_inches())
    light, dark = (_data_uri(figure, dpi) for figure in figures)
    return Picture(light, dark, width, height, alt, caption)


def _data_uri(figure: Figure, dpi: int) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
