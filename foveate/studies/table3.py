"""Table 3 of the A-SKD paper: which maps, and which distance (at 8x)."""

from foveate.study.study import Entry, Study

EIGHT = ("--ratio", "8")


def table3() -> Study:
    """AT and AT*, A-SKD with spatial maps, channel maps and both, against Base."""
    rows = (
        Entry("8x", "base", "Base", "base", EIGHT, 5, {"AgeDB-30": 77.75}),
        Entry("8x", "at", "AT", "at", EIGHT, 3, {"AgeDB-30": 77.40}),
        Entry("8x", "at-cosine", "AT*", "at", (*EIGHT, "--cosine"), 3, {"AgeDB-30": 77.72}),
        Entry(
            "8x", "askd-spatial", "A-SKD, spatial only", "askd", (*EIGHT, "--kinds", "spatial"), 3, {"AgeDB-30": 78.66}
        ),
        Entry("8x", "askd-channel", "A-SKD, channel only", "askd", (*EIGHT, "--kinds", "channel"), 3),
        Entry("8x", "askd", "A-SKD, both", "askd", EIGHT, 5, {"AgeDB-30": 79.00}),
    )
    return Study("Which attention maps (A-SKD paper, Table 3)", "verification", rows, {"AgeDB-30": 93.78})
