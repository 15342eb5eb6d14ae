"""Losses over training, one panel a loss, one thin line a seed.

Legend: T logged steps.

The terms are drawn apart and not weighted: the total of a student with a distillation loss cannot be compared with
that of one without, their classification losses can.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from jaxtyping import Float64
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from foveate.plots.theme import LIGHT, LINES, Theme, lettering

WINDOW: Final = 0.02
"""Share of training over which a curve is averaged: single batches are too noisy to compare."""
_TITLES: Final = {"arcface": "ArcFace loss", "askd": "A-SKD loss", "kd": "KD loss"}


def training_curves(curves: Sequence[Mapping[str, Any]], *, theme: Theme = LIGHT) -> Figure:
    """Draw each loss over the progress of training.

    Args:
        curves: one a run, with ``label``, ``recipe``, ``progress`` (T shares of training, 0 to 1) and ``losses`` (name
            -> T values, None where the loss was not finite or not logged).
        theme: colours.

    Returns:
        A figure with one panel a loss.
    """
    terms = list(dict.fromkeys(term for curve in curves for term in curve["losses"]))
    figure = theme.figure(7.2, 3.4)
    panels = figure.subplots(1, max(1, len(terms)), squeeze=False)[0]
    handles: dict[str, Line2D] = {}
    for curve in curves:
        colour, _ = theme.mark(curve["recipe"])
        if curve["label"] not in handles:
            line = LINES[sum(handle.get_color() == colour for handle in handles.values()) % len(LINES)]
            handles[curve["label"]] = Line2D([], [], color=colour, linestyle=line, label=lettering(curve["label"]))
        line = handles[curve["label"]].get_linestyle()
        for axes, term in zip(panels, terms, strict=False):
            if term in curve["losses"]:
                progress, values = smooth(curve["progress"], curve["losses"][term])
                dot = "." if len(values) < 5 else ""  # a short run may have logged a single point
                axes.plot(100 * progress, values, marker=dot, color=colour, linestyle=line, linewidth=1.1, alpha=0.85)
    for axes, term in zip(panels, terms, strict=False):
        axes.set_xlim(0, 100)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("training done (%)")
        theme.dress(axes, _TITLES.get(term, f"{term} loss"))
    theme.legend(figure, list(handles.values()))
    return figure


def smooth(
    progress: Sequence[float], values: Sequence[float | None]
) -> tuple[Float64[np.ndarray, " T"], Float64[np.ndarray, " T"]]:
    """Mean of the values within half a ``WINDOW`` to either side; places without a value are left out."""
    given = [(where, value) for where, value in zip(progress, values, strict=True) if value is not None]
    where, known = np.array(given, dtype=np.float64).reshape(-1, 2).T
    sums = np.concatenate([[0.0], np.cumsum(known)])
    first = np.searchsorted(where, where - WINDOW / 2, side="left")
    last = np.searchsorted(where, where + WINDOW / 2, side="right")
    return where, (sums[last] - sums[first]) / (last - first)
