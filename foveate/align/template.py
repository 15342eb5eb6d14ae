"""Where the five points of a face lie in an aligned crop.

The 112 x 112 template is the one of ArcFace (Deng et al., CVPR 2019) and insightface, the 96 x 112 one of SphereFace
(Liu et al., CVPR 2017) with 8 pixels added to x.
"""

from typing import Final

import numpy as np
from jaxtyping import Float64

from foveate.errors import RecipeError

SIZE: Final = 112
POINTS: Final = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
"""x and y of left eye, right eye, nose, left and right corner of the mouth at 112 x 112; "left" is the viewer's."""


def template(size: int = SIZE) -> Float64[np.ndarray, "5 2"]:
    """The five points in a square crop.

    Args:
        size: side of the crop in pixels. Multiples of 112 scale the template; multiples of 128 scale its 112 x 112
            pixels and add a border of 8 at both sides (insightface).

    Raises:
        RecipeError: another size, for which there is no template.
    """
    points = np.array(POINTS)
    if size > 0 and size % 112 == 0:
        return points * (size / 112)
    if size > 0 and size % 128 == 0:
        return (points + np.array([8.0, 0.0])) * (size / 128)
    raise RecipeError(f"there is no template for {size} x {size} pixels", remedy="Ask for 112 or 128, or a multiple")
