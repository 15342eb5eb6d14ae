"""How alike student and teacher look, stage by stage (A-SKD, ECCV 2022, Fig. 5).

Legend: S seeds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from foveate.plots.theme import LIGHT, LINES, Theme, lettering

_MEASURES: Final = {"pooled": "all elements pooled, as in the paper", "centred": "mean maps subtracted"}


def attention_correlation(rows: Sequence[Mapping[str, Any]], *, theme: Theme = LIGHT) -> Figure:
    """Draw Pearson's r of the last block of each stage: filled with the mean maps subtracted, hollow when pooled.

    Args:
        rows: one a method, with ``label``, ``recipe`` and ``kinds``: kind of attention -> stage -> measure
            (``centred``, ``pooled``) -> estimate (``mean``, ``low``, ``high``; -1 to 1, or None). Maps are drawn, not
            the logits they come from.
        theme: colours.

    Returns:
        A figure with one panel a kind of attention; intervals over S seeds where there are several,
        cut off where they leave the panel.
    """
    kinds = list(dict.fromkeys(kind for row in rows for kind in row["kinds"] if not kind.endswith(" logits")))
    figure = theme.figure(7.2, 3.5 + 0.18 * len(rows))
    panels = figure.subplots(1, max(1, len(kinds)), sharey=True, squeeze=False)[0]
    used: dict[str, int] = {}
    handles = []
    for place, row in enumerate(rows):
        colour, marker = theme.mark(row["recipe"])
        line = LINES[used.get(row["recipe"], 0) % len(LINES)]
        used[row["recipe"]] = used.get(row["recipe"], 0) + 1
        handles.append(Line2D([], [], color=colour, marker=marker, linestyle=line, label=lettering(row["label"])))
        shift = 0.12 * (place - (len(rows) - 1) / 2)
        for axes, kind in zip(panels, kinds, strict=True):
            _curves(axes, row["kinds"].get(kind, {}), (colour, marker, line), shift)
    for axes, kind in zip(panels, kinds, strict=True):
        stages = list(dict.fromkeys(stage for row in rows for stage in row["kinds"].get(kind, {})))
        axes.set_xticks(range(len(stages)), [stage.replace("stage", "stage ") for stage in stages])
        axes.axhline(0, color=theme.quiet, linewidth=0.8)
        axes.margins(x=0.12)
        theme.dress(axes, f"{kind.capitalize()} attention")
    means = [
        found[measure]["mean"]
        for row in rows
        for kind in kinds
        for found in row["kinds"].get(kind, {}).values()
        for measure in _MEASURES
        if found[measure]["mean"] is not None
    ]
    panels[0].set_ylim(max(-1.05, min([0.0, *means]) - 0.15), 1.05)  # intervals of few seeds would reach far beyond
    panels[0].set_ylabel("correlation with the teacher (Pearson's r)")
    for measure, title in _MEASURES.items():
        face = "none" if measure == "pooled" else theme.quiet
        handles.append(Line2D([], [], color=theme.quiet, marker="o", markerfacecolor=face, linestyle="", label=title))
    theme.legend(figure, handles)
    return figure


def _curves(axes: Axes, stages: Mapping[str, Any], look: tuple[str, str, Any], shift: float) -> None:
    colour, marker, line = look
    for measure in _MEASURES:
        points = [(place + shift, found[measure]) for place, found in enumerate(stages.values())]
        points = [(place, estimate) for place, estimate in points if estimate["mean"] is not None]
        pooled = measure == "pooled"
        axes.plot(
            [place for place, _ in points],
            [estimate["mean"] for _, estimate in points],
            color=colour,
            marker=marker,
            linestyle=line,
            alpha=0.55 if pooled else 1.0,
            linewidth=0.9 if pooled else 1.6,
            markerfacecolor="none" if pooled else colour,
            markersize=6,
            label=measure,
        )
        for place, estimate in points:
            if estimate["low"] is not None and not pooled:
                axes.plot(
                    [place, place], [estimate["low"], estimate["high"]], color=colour, linewidth=1.2, label="interval"
                )
