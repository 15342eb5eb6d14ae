"""What the tests of readers share: tiny images of noise."""

from collections.abc import Callable

import numpy as np
import pytest

from foveate.data.encode import encode


@pytest.fixture(scope="session")
def noise_jpeg() -> Callable[[int], bytes]:
    """A JPEG of 8 x 8 pixels of noise for each seed."""

    def make(seed: int) -> bytes:
        return encode(np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8))

    return make
