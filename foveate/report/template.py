"""HTML pages from the templates beside this file."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from foveate.files import write_bytes
from foveate.plots.theme import DARK, LIGHT


def write_page(out: Path, template: str, *, title: str, **values: Any) -> Path:
    """Write one page that needs no other file.

    Args:
        out: the page.
        template: name of the template.
        title: of the page.
        values: what the template asks for.

    Returns:
        ``out``.
    """
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=PackageLoader("foveate", "report"),
    )
    page = made.get_template(template).render(title=title, light=LIGHT, dark=DARK, **values)
    # A file's name can hold bytes that are no text.
    write_bytes(out, page.encode(errors="replace"))
    return out
