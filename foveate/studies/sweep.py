"""Accuracy against the size of the face: how small may it be for each method?"""

from foveate.studies.table1 import LABELS
from foveate.study.study import Entry, Study

ROWS = ("base", "askd", "askd_kd")


def sweep() -> Study:
    """Base, A-SKD and A-SKD+KD of 8x, judged from 7 to 112 pixels, LR-LR and HR-LR; Table 1's runs where there are."""
    rows = tuple(Entry("8x", name, LABELS[name], name, ("--ratio", "8"), 3) for name in ROWS)
    return Study("Accuracy against the size of the face", "sweep", rows)
