"""What trials reached against each setting that was varied, one panel a setting."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from foveate.plots.theme import LIGHT, Theme, lettering


def value_by_setting(
    space: Sequence[Mapping[str, Any]], trials: Sequence[Mapping[str, Any]], *, measure: str, theme: Theme = LIGHT
) -> Figure:
    """Draw a dot a trial; the best one is a filled diamond.

    Args:
        space: the settings: each with ``name``, ``log`` and ``choices`` (none for a range of numbers).
        trials: those that are done, the best first, each with ``settings`` by name, and ``value``.
        measure: what the value is.
        theme: colours.
    """
    figure = theme.figure(max(3.6, 3.2 * len(space)), 3.2)
    panels = figure.subplots(1, max(1, len(space)), squeeze=False, sharey=True)[0]
    for axes, item in zip(panels, space, strict=False):
        _panel(axes, item, trials, theme)
    panels[0].set_ylabel(measure)
    return figure


def _panel(axes: Axes, item: Mapping[str, Any], trials: Sequence[Mapping[str, Any]], theme: Theme) -> None:
    name, choices = item["name"], item["choices"]
    settings = [trial["settings"][name] for trial in trials]
    places = [choices.index(setting) for setting in settings] if choices else settings
    values = [trial["value"] for trial in trials]
    axes.plot(places[1:], values[1:], "o", color=theme.colours[0], alpha=0.7, markersize=5, label="trials")
    axes.plot(places[:1], values[:1], "D", color=theme.colours[1], markersize=7, label="best")
    if choices:
        axes.set_xticks(range(len(choices)), [lettering(choice, 14) for choice in choices])
        axes.set_xlim(-0.5, len(choices) - 0.5)
    elif item["log"]:
        axes.set_xscale("log")
        wide = max(settings) > 100 * min(settings)
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_locator(NullLocator())
    theme.dress(axes, name)
