"""A figure as a file of its own."""

import io

import matplotlib
from matplotlib.figure import Figure


def drawn(figure: Figure, ending: str) -> bytes:
    """The figure as ``png`` or ``svg``: the same bytes for the same figure."""
    image = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "foveate"}):
        figure.savefig(image, format=ending, dpi=150, metadata={"Date": None} if ending == "svg" else {})
    return image.getvalue()
