"""Which photo of a pair is small: both (LR-LR), the second alone (HR-LR), or neither (HR-HR).

Legend: N images, P pairs, D embedding size.
"""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
from jaxtyping import Float

from foveate.data.pairs import VerificationPairs

Mode = Literal["LR-LR", "HR-LR", "HR-HR"]

SMALL: Final[Mapping[Mode, tuple[bool, bool]]] = {
    "LR-LR": (True, True),
    "HR-LR": (False, True),
    "HR-HR": (False, False),
}
"""Whether the first photo is small, and whether the second is: two frames of a camera, or a passport and one."""


def sides(
    pairs: VerificationPairs, embeddings: Mapping[bool, Float[np.ndarray, "N 2 D"]], mode: Mode
) -> tuple[Float[np.ndarray, "P 2 D"], Float[np.ndarray, "P 2 D"]]:
    """Embeddings of the first and of the second photo of each pair, and of their mirror images.

    Args:
        pairs: the set.
        embeddings: of its images, by whether they are small; those that the mode asks for.
        mode: which photo is small.
    """
    first, second = (embeddings[small] for small in SMALL[mode])
    return first[pairs.left], second[pairs.right]
