"""How a cost grows with a number: one line for each way to do it, both axes logarithmic."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from foveate.plots.theme import LIGHT, LINES, Theme


def growth(
    lines: Mapping[str, Sequence[tuple[float, float, float, float]]],
    *,
    across: str,
    cost: str,
    theme: Theme = LIGHT,
) -> Figure:
    """Draw costs against a number.

    Args:
        lines: for each way, points (number, cost, least, most), all above 0.
        across: what the number counts.
        cost: what the cost is, with its unit.
        theme: colours.
    """
    figure = theme.figure(6.0, 3.6)
    axes = figure.subplots()
    for place, (name, points) in enumerate(lines.items()):
        number, middle, least, most = zip(*points, strict=True)
        colour = theme.colours[place % len(theme.colours)]
        axes.plot(number, middle, "o", linestyle=LINES[place % len(LINES)], color=colour, label=name)
        axes.vlines(number, least, most, color=colour)
        axes.annotate(
            name, (number[-1], middle[-1]), (-6, 6), textcoords="offset points", ha="right", color=colour, size=9
        )
    axes.set(xscale="log", yscale="log", xlabel=across)
    axes.margins(y=0.15)
    theme.dress(axes, cost, grid="both")
    return figure
