"""A verification set: pairs of images and whether they show one person.

Legend: P pairs, N images.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64


@dataclass(frozen=True)
class VerificationPairs:
    """P pairs over a list of images; an image used by many pairs is stored, and embedded, once.

    Attributes:
        name: short name of the set, as it appears in tables.
        images: encoded bytes (JPEG or PNG), read when asked for.
        left, right: the two images of each pair, as positions in ``images``.
        same: whether both show the same person.
        fold: number of the fold each pair belongs to, ``0 .. folds - 1``, contiguous in file order.
        people: who each image shows, as numbers; None where the set does not say.
        native: whether the faces are small by nature: of any size, to be enlarged to what a network takes, and not to
            be degraded.
    """

    name: str
    images: Sequence[bytes]
    left: Int64[np.ndarray, " P"]
    right: Int64[np.ndarray, " P"]
    same: Bool[np.ndarray, " P"]
    fold: Int64[np.ndarray, " P"]
    people: Int64[np.ndarray, " N"] | None = None
    native: bool = False

    def __len__(self) -> int:
        return len(self.same)


def sharp_pairs(sets: Iterable[object]) -> tuple[VerificationPairs, ...]:
    """Of some test sets the verification sets whose faces are sharp, so that they can be degraded."""
    return tuple(each for each in sets if isinstance(each, VerificationPairs) and not each.native)
