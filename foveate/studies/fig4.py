"""Figure 4 of the A-SKD paper: attention maps of teacher, Base and A-SKD laid over the same faces."""

from foveate.studies.table1 import LABELS
from foveate.study.study import Entry, Study

ROWS = ("base", "at", "askd")


def fig4() -> Study:
    """Maps of the teacher and of the 8x students Base, AT and A-SKD, one seed; Table 1's runs where there are."""
    rows = tuple(Entry("8x", name, LABELS[name], name, ("--ratio", "8"), 1) for name in ROWS)
    return Study("Where networks look (A-SKD paper, Fig. 4)", "looks", rows)
