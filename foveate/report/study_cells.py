"""What stands in the cells of a study's tables, as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from foveate.report.study_paired import SURE
from foveate.report.words import NOTHING, bounds, percent

Table = tuple[str, Sequence[str], list[list[str]]]
"""Caption, headings and rows."""


def number(value: float | None, digits: int) -> str:
    """A number, or nothing."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def paired_cells(paired: Mapping[str, Any] | None) -> list[str]:
    """Gain over Base, p, seeds that McNemar's test finds better, share of the headroom, errors less."""
    if paired is None:
        return [NOTHING] * 5
    share = paired["share"]
    return [
        *gain(paired),
        f"{paired['mcnemar_sure']} of {len(paired['seeds'])}",
        NOTHING if share is None else percents(share),
        percent(paired["error_reduction"], 1),
    ]


def gain(compared: Mapping[str, Any] | None) -> list[str]:
    """Difference with its interval, marked where it is sure, and p; one seed is never sure."""
    if compared is None:
        return [NOTHING] * 2
    difference, p = compared["difference"], compared["p_holm"]
    mark = "*" if p < SURE and len(compared["seeds"]) > 1 else ""
    return [f"{_signed(difference['mean'])} {bounds(difference)}{mark}", "<0.001" if p < 0.001 else f"{p:.3f}"]


def percents(share: Mapping[str, Any]) -> str:
    """The same in whole percents."""
    return f"{percent(share['mean'], 0)} {bounds(share, 0)}"


def _signed(share: float) -> str:
    return f"{100 * share:+.2f}".replace("-", "\N{MINUS SIGN}")


def share_of(estimate: Mapping[str, Any]) -> str:
    """A mean and its interval in percent."""
    return f"{percent(estimate['mean'])} {bounds(estimate)}".strip()
