"""Table 4 of the A-SKD paper: object classification at 4x, with logit distillation."""

from foveate.study.study import Entry, Study

PUBLISHED = {"base": 65.34, "at": 65.79, "rkd": 65.95, "askd_kd": 66.52}
"""ImageNet top-1 in percent, ResNet-18 with CBAM at 4x (Shin et al., ECCV 2022, Table 4)."""

LABELS = {"base": "Base", "kd": "KD", "at": "AT+KD", "rkd": "RKD+KD", "askd": "A-SKD", "askd_kd": "A-SKD+KD"}
"""Rows by what follows imagenet_ in the recipe's name; KD and A-SKD alone are not in the paper's table."""


def table4(*, ratio: tuple[int, ...] = (4,)) -> Study:
    """Every method of the table against Base, three seeds each; A-SKD+KD against the others as well.

    At 4x the headroom was 8.6 points on ten classes of small photos, enough to see methods apart (at 8x 14.2).

    Args:
        ratio: down-sampling ratios.
    """
    entries = []
    for times in ratio:
        for name, label in LABELS.items():
            numbers = {"ImageNet": PUBLISHED[name]} if times == 4 and name in PUBLISHED else {}
            flags = ("--ratio", str(times))
            entries.append(Entry(f"{times}x", name, label, f"imagenet_{name}", flags, 3, numbers))
    return Study(
        "Object classification by method (A-SKD paper, Table 4)",
        "classification",
        tuple(entries),
        {"ImageNet": 70.13},
        teacher="imagenet_teacher",
        lead="askd_kd",
    )
