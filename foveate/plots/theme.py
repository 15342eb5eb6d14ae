"""How every figure looks: one restrained palette, by day and by night, that colour-blind readers can tell apart.

The colours follow Okabe and Ito (Color Universal Design, 2008), darkened for light paper. Colour never stands alone:
every method also has its own marker. Figures are made from ``matplotlib.figure.Figure`` directly, so they share no
state.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

KNOWN: Final = ("teacher", "base", "askd", "askd_kd")
LINES: Final = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
_MARKERS: Final = ("s", "o", "D", "^", "v", "P", "X")


@final
@dataclass(frozen=True)
class Theme:
    """Colours of a figure, as hexadecimal RGB.

    Attributes:
        paper: background.
        ink: titles and labels.
        quiet: ticks and notes.
        grid: lines of reference.
        colours: of methods, in the order of ``KNOWN`` and then of ``others``.
        others: further recipes, so that each keeps its colour in all figures of a page.
    """

    paper: str
    ink: str
    quiet: str
    grid: str
    colours: tuple[str, ...]
    others: tuple[str, ...] = ()

    def mark(self, recipe: str) -> tuple[str, str]:
        """Colour and marker of a recipe; one that the theme was not told of gets the last pair."""
        order = (*KNOWN, *(name for name in self.others if name not in KNOWN))
        place = order.index(recipe) if recipe in order else len(order)
        return self.colours[place % len(self.colours)], _MARKERS[place % len(_MARKERS)]

    def figure(self, width: float, height: float) -> Figure:
        """An empty figure on this paper; sizes in inches."""
        return Figure(figsize=(width, height), facecolor=self.paper, layout="constrained")

    def legend(self, figure: Figure, handles: Sequence[Line2D]) -> None:
        """A legend below all panels, in as many columns as its names leave room for."""
        longest = max((len(line) for handle in handles for line in str(handle.get_label()).splitlines()), default=0)
        columns = max(1, min(4, len(handles), 110 // (longest + 7)))
        style = {"frameon": False, "fontsize": 9, "labelcolor": self.ink}
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, **style)

    def dress(self, axes: Axes, title: str, *, grid: str = "y") -> None:
        """Title a panel; take away frame and tick marks, leave faint lines across ``grid`` ("x", "y" or "both")."""
        axes.set_title(lettering(title, 60), loc="left", color=self.ink, size=10.5)
        axes.set_facecolor(self.paper)
        for side, spine in axes.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(self.grid)
        axes.tick_params(length=0, colors=self.quiet, labelsize=9)
        axes.grid(axis=grid, color=self.grid, linewidth=0.7)  # pyright: ignore[reportArgumentType]
        axes.set_axisbelow(True)
        for label in (axes.xaxis.label, axes.yaxis.label):
            label.set(color=self.quiet, size=9)


def lettering(text: str, width: int = 28) -> str:
    """Text that a figure draws as it is written: in lines of at most ``width`` letters, four lines at most."""
    lines = textwrap.wrap(text.replace("$", r"\$"), width, max_lines=4, placeholder=" ...")
    return "\n".join(" " + line if line.startswith("_") else line for line in lines)  # legends leave out names with _


LIGHT: Final = Theme(
    paper="#fcfcfa",
    ink="#1f2328",
    quiet="#5b626b",
    grid="#dfe1dd",
    colours=("#6b7280", "#c2700a", "#0067a5", "#a8508c", "#007a5a", "#2f8fc0", "#8a7400", "#b5400a"),
)
DARK: Final = Theme(
    paper="#15181c",
    ink="#e8e9e6",
    quiet="#a3aab3",
    grid="#30353c",
    colours=("#a7aeb8", "#eea236", "#5fb4ef", "#dd8fc1", "#3cc29a", "#93d3f5", "#d9c84a", "#ef8354"),
)
