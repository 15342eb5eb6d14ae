"""What the student is given to see: sharp faces above the same faces degraded.

Legend: N faces, H x W pixels.
"""

import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure

from foveate.plots.attention import image_rows
from foveate.plots.theme import LIGHT, Theme


def degraded_faces(
    high: UInt8[np.ndarray, "N H W 3"], low: UInt8[np.ndarray, "N H W 3"], *, most: int = 5, theme: Theme = LIGHT
) -> Figure:
    """Draw the first ``most`` faces in columns: sharp above, degraded below.

    Args:
        high: the sharp faces.
        low: the same faces as the students see them.
        most: how many faces are shown at most.
        theme: colours.

    Returns:
        A figure of two rows.
    """
    return image_rows([("Teacher sees", high[:most]), ("Student sees", low[:most])], theme)
