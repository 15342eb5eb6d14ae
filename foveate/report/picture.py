"""A figure as it stands in a page: PNG inside the page itself, once for light and once for dark screens."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from matplotlib.figure import Figure

from foveate.plots.theme import Theme

_DPI: Final = 200  # two pixels of the image for each pixel of a page, where 100 pixels make an inch


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


def picture(draw: Callable[[Theme], Figure], themes: tuple[Theme, Theme], *, alt: str, caption: str) -> Picture:
    """Draw a figure in a light and a dark theme."""
    figures = [draw(theme) for theme in themes]
    width, height = (round(inches * _DPI / 2) for inches in figures[0].get_size_inches())
    light, dark = map(_data_uri, figures)
    return Picture(light, dark, width, height, alt, caption)


def _data_uri(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
