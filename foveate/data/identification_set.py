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
UNKNOWN: Final = -101
"""Label of the probes of people who are not in the gallery: unmated probes."""


@dataclass(frozen=True)
class IdentificationSet:
    """Who of a gallery is on each of Q photos?

    Attributes:
        name: short name of the set, as it appears in tables.
        images: encoded bytes (JPEG or PNG) of any size, read when asked for.
        labels: whom each image shows; ``DISTRACTOR`` for somebody who is in no probe, ``UNKNOWN`` for somebody who is
            not in the gallery.
        probe, gallery: positions in ``images``.
        templates: whether the gallery is also searched with one template for each person, the mean of its embeddings.
    """

    name: str
    images: Sequence[bytes]
    labels: Int64[np.ndarray, " N"]
    probe: Int64[np.ndarray, " Q"]
    gallery: Int64[np.ndarray, " G"]
    templates: bool = False

    def __len__(self) -> int:
        return len(self.probe)

    @property
    def distractors(self) -> int:
        """How many gallery images show people who are in no probe."""
        return int(np.count_nonzero(self.labels[self.gallery] == DISTRACTOR))

    @property
    def unmated(self) -> int:
        """How many probes show people who are not in the gallery."""
        return int(np.count_nonzero(self.labels[self.probe] == UNKNOWN))
