"""An identification set: probes, and a gallery with the people of the probes among many strangers.

Legend: N images, Q probes, G gallery images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Int64

DISTRACTOR: Final = -100
"""Label of the gallery faces of people who are in no probe."""


@dataclass(frozen=True)
class IdentificationSet:
    """Who of a gallery is on each of Q photos?

    Attributes:
        name: short name of the set, as it appears in tables.
        images: encoded bytes (JPEG or PNG) of any size, read when asked for.
        labels: whom each image shows; ``DISTRACTOR`` for somebody who is in no probe.
        probe, gallery: positions in ``images``.
    """

    name: str
    images: Sequence[bytes]
    labels: Int64[np.ndarray, " N"]
    probe: Int64[np.ndarray, " Q"]
    gallery: Int64[np.ndarray, " G"]

    def __len__(self) -> int:
        return len(self.probe)

    @property
    def distractors(self) -> int:
        """How many gallery images show people who are in no probe."""
        return int(np.count_nonzero(self.labels[self.gallery] == DISTRACTOR))
