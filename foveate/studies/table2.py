"""Table 2 of the A-SKD paper: identification on TinyFace, students trained at 24 pixels."""

from foveate.studies.table1 import FIVE, LABELS
from foveate.study.study import Entry, Study

PUBLISHED = {
    "base": (42.19, 50.62, 53.67, 60.41),
    "at": (36.56, 45.68, 49.03, 56.44),
    "horkd": (45.49, 54.80, 58.26, 64.30),
    "askd": (47.91, 56.55, 59.92, 66.60),
}
"""Rank 1, 5, 10 and 50 in percent (Shin et al., ECCV 2022, Table 2)."""
ROWS = ("base", "at", "horkd", "askd", "askd_kd", "foveate")


def table2() -> Study:
    """Name TinyFace with --test among the flags of every run."""
    rows = []
    for name in ROWS:
        ranks = zip((1, 5, 10, 50), PUBLISHED.get(name, ()), strict=False)
        numbers = {f"rank {rank}": value for rank, value in ranks}
        seeds = 5 if name in FIVE else 3
        rows.append(Entry("24px", name, LABELS[name], name, ("--side", "24"), seeds, numbers))
    return Study("Identification on TinyFace (A-SKD paper, Table 2)", "verification", tuple(rows))
