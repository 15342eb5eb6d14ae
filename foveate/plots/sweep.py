"""Accuracy against the size of the face, one line a method, one panel a set and mode."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from foveate.plots.theme import LIGHT, Theme, lettering


def accuracy_by_size(rows: Sequence[Mapping[str, Any]], *, theme: Theme = LIGHT) -> Figure:
    """Draw curves.

    Args:
        rows: one a method, set and mode, with ``label``, ``recipe``, ``panel`` and ``points``: each with ``side`` in
            pixels and an estimate of the accuracy (``mean``, ``low``, ``high``; shares from 0 to 1, or None).
        theme: colours.
    """
    panels = list(dict.fromkeys(row["panel"] for row in rows))
    figure = theme.figure(4.2 * max(1, len(panels)), 3.8)
    axes_of = dict(zip(panels, figure.subplots(1, max(1, len(panels)), squeeze=False)[0], strict=False))
    handles = {}
    for row in rows:
        axes, (colour, marker) = axes_of[row["panel"]], theme.mark(row["recipe"])
        points = [point for point in row["points"] if point["mean"] is not None]
        sides = [point["side"] for point in points]
        axes.plot(sides, [100 * point["mean"] for point in points], marker, linestyle="-", color=colour, markersize=4)
        bounded = [point for point in points if point["low"] is not None]
        axes.fill_between(
            [point["side"] for point in bounded],
            [100 * point["low"] for point in bounded],
            [100 * point["high"] for point in bounded],
            color=colour,
            alpha=0.15,
            linewidth=0,
        )
        handles[row["label"]] = Line2D([], [], color=colour, marker=marker, label=lettering(row["label"]))
    for title, axes in axes_of.items():
        sides = sorted({point["side"] for row in rows if row["panel"] == title for point in row["points"]})
        axes.set_xscale("log")
        axes.set_xticks(sides, [str(side) for side in sides])
        axes.minorticks_off()
        axes.set_xlabel("side of the face (pixels)")
        theme.dress(axes, title)
    if panels:
        axes_of[panels[0]].set_ylabel("pairs judged rightly, authors' protocol (%)")
    theme.legend(figure, list(handles.values()))
    return figure
