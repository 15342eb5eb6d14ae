"""Table 5 of the A-SKD paper: faces found in photos of low resolution."""

from foveate.study.study import Entry, Study

PUBLISHED = {
    (16, "base"): {"easy": 54.38, "medium": 52.73, "hard": 35.29},
    (16, "askd"): {"easy": 62.93, "medium": 60.19, "hard": 47.28},
    (32, "base"): {"easy": 31.15, "medium": 26.68, "hard": 14.00},
    (32, "askd"): {"easy": 33.50, "medium": 30.04, "hard": 16.02},
}
"""Average precision on WIDER FACE in percent (Shin et al., ECCV 2022, Table 5)."""


def table5(*, ratio: tuple[int, ...] = (4, 8)) -> Study:
    """Base and A-SKD at several ratios, three seeds each.

    The paper has 16x and 32x, of photos that a network sees with more than 1,000 pixels. Of squares of 320 pixels
    little is left there: on squares of training photos, a teacher with an average precision of 95 % that is trained
    on at a ratio for five epochs comes to 82 % at 4x and to 36 % at 16x.

    Args:
        ratio: down-sampling ratios.
    """
    entries = [
        Entry(
            f"{times}x",
            name,
            label,
            f"widerface_{name}",
            ("--ratio", str(times)),
            3,
            PUBLISHED.get((times, name), {}),
        )
        for times in ratio
        for name, label in (("base", "Base"), ("askd", "A-SKD"))
    ]
    return Study(
        "Faces found in photos of low resolution (A-SKD paper, Table 5)",
        "detection",
        tuple(entries),
        {"easy": 95.56, "medium": 95.07, "hard": 91.45},
        teacher="widerface_teacher",
        held_out_beside=True,
    )
