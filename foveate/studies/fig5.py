"""Figure 5 of the A-SKD paper: does a student look where its teacher looks, stage by stage?"""

import dataclasses

from foveate.studies.table1 import table1
from foveate.study.study import Study


def fig5() -> Study:
    """Correlation with the teacher's maps for every method of Table 1 at 8x; its runs where there are."""
    title = "Correlation of attention maps with the teacher's (A-SKD paper, Fig. 5)"
    return dataclasses.replace(table1(ratio=(8,)), title=title, kind="correlation")
