"""Verification accuracy of every method with its uncertainty, one panel a verification set (A-SKD paper, Table 1).

Legend: S seeds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from foveate.plots.theme import LIGHT, Theme, lettering

AXES: Final = {
    "pairs": "pairs judged rightly, authors' protocol (%)",
    "photos": "photos whose class is named first (%)",
    "faces": "average precision (%)",
}


def accuracy_by_method(
    sets: Sequence[Mapping[str, Any]], *, of: Literal["pairs", "photos", "faces"] = "pairs", theme: Theme = LIGHT
) -> Figure:
    """Draw one line a method: its mean, the 95 % interval, and a small dot for each of S seeds.

    Args:
        sets: the ``sets`` of a summary: each with ``title``, ``pairs`` and ``rows``; a row has ``label``, ``recipe``
            and under ``authors`` an estimate (``mean``, ``low``, ``high``, ``values``; shares from 0 to 1, or None).
        of: what ``pairs`` counts and ``authors`` is a share of; of faces, ``pairs`` counts photos and ``authors`` is
            the average precision.
        theme: colours.

    Returns:
        A figure with one panel a set; accuracies in percent.
    """
    rows = [len(item["rows"]) for item in sets]
    lines = max((lettering(row["label"]).count("\n") for item in sets for row in item["rows"]), default=0)
    figure = theme.figure(7.2, 0.35 + sum(0.75 + (0.33 + 0.13 * lines) * count for count in rows))
    panels = figure.subplots(len(sets), 1, squeeze=False, gridspec_kw={"height_ratios": [1.2 + n for n in rows]})
    for axes, item in zip(panels[:, 0], sets, strict=True):
        _panel(axes, item, of, theme)
    panels[-1, 0].set_xlabel(AXES[of])
    return figure


def _panel(axes: Axes, item: Mapping[str, Any], of: str, theme: Theme) -> None:
    for place, row in enumerate(item["rows"]):
        colour, marker = theme.mark(row["recipe"])
        estimate = row["authors"]
        values = [100 * value for value in estimate["values"] if value is not None]
        if len(values) > 1:
            axes.plot(values, [place] * len(values), ".", color=colour, alpha=0.45, markersize=7, label="seeds")
        if estimate["low"] is not None and estimate["high"] is not None:
            bounds = [100 * estimate["low"], 100 * estimate["high"]]
            axes.plot(bounds, [place, place], color=colour, linewidth=2, solid_capstyle="round", label="interval")
        if estimate["mean"] is not None:
            mean = 100 * estimate["mean"]
            axes.plot([mean], [place], marker, color=colour, markersize=6.5, markeredgecolor=theme.paper, label="mean")
            axes.annotate(
                f"{mean:.1f}", (mean, place), (0, 7), textcoords="offset points", ha="center", size=8, color=theme.ink
            )
    axes.set_yticks(range(len(item["rows"])), [lettering(row["label"]) for row in item["rows"]])
    axes.set_ylim(len(item["rows"]) - 0.5, -0.75)
    theme.dress(axes, f"{item['title']}, {item['pairs']} {'pairs' if of == 'pairs' else 'photos'}", grid="x")
    axes.tick_params(axis="y", labelcolor=theme.ink)
    axes.margins(x=0.08)
