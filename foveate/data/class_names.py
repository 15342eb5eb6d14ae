"""Class labels as a list states them become numbers 0, 1, 2, ...

Legend: N images.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int64, Shaped

from foveate.data.text_lines import whole_number
from foveate.errors import DataError


def number_classes(
    stated: Sequence[str] | Shaped[np.ndarray, " N"], *, file: Path
) -> tuple[Int64[np.ndarray, " N"], tuple[str, ...]]:
    """Number the classes that occur: in numeric order where all are whole numbers, else in the order of their names.

    Args:
        stated: label of each image, a whole number or a name.
        file: where they come from, for messages.

    Returns:
        The number of each image's class, and the names of the classes in their order.

    Raises:
        DataError: there are no images, or all are of one class.
    """
    classes, labels = np.unique(np.asarray(stated, dtype=np.str_), return_inverse=True)
    numbers = [number for name in classes.tolist() if (number := whole_number(name)) is not None]
    if len(numbers) == len(classes):
        classes, place = np.unique(np.array(numbers, dtype=np.int64), return_inverse=True)
        labels = place[labels]
    if len(classes) < 2:
        problem = f"there is one class only, {classes[0]}" if len(classes) else "there are no images"
        raise DataError(problem, file=file, remedy="Add images of two or more classes: one alone teaches nothing")
    return labels.astype(np.int64), tuple(str(name) for name in classes.tolist())
