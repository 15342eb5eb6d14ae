"""A whole data set of drawn faces in insightface's layout: training images, and pairs of other people.

Legend: B faces, H x W pixels.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch

from foveate.chance import check_seed, generator
from foveate.data.encode import encode
from foveate.data.insightface_writer import write_insightface
from foveate.data.pairs import VerificationPairs
from foveate.data.synthetic.faces import SyntheticFaces
from foveate.data.verification_writer import write_verification_bin
from foveate.errors import DataError

FOLDS: Final = 10
IDENTITIES: Final = 1000
IMAGES: Final = 12
"""Of each identity."""
TEST_NAME: Final = "drawn_held"
_BATCH: Final = 128

Tell = Callable[[int, int], None]


def check_size(identities: int, images: int, test_identities: int, *, file: Path) -> None:
    """Raises DataError, naming the file, if so many make no data set."""
    if identities < 2 or images < 1 or test_identities < 2 * FOLDS or test_identities % FOLDS:
        raise DataError(
            f"{identities} identities with {images} images and {test_identities} test identities make no data set",
            file=file,
            remedy=f"Ask for two identities or more, and for {2 * FOLDS}, {3 * FOLDS}, ... test identities.",
        )


def synthesise(
    folder: Path,
    *,
    identities: int = IDENTITIES,
    images: int = IMAGES,
    test_identities: int = 200,
    seed: int = 0,
    tell: Tell | None = None,
) -> Path:
    """Draw a training set (train.rec) and verification pairs of other people (drawn_held.bin).

    The same arguments give the same bytes.

    Args:
        folder: where to write.
        identities, images: people to train on, and pictures of each.
        test_identities: people in the pairs, a multiple of ten from 20 on; each has four pictures and stands in five
            pairs of one person and five of two.
        seed: another seed is another world of people.
        tell: is told how many pictures of how many are drawn.

    Returns:
        The folder.

    Raises:
        DataError: too few people, or test identities that cannot be dealt out to ten folds.
    """
    check_size(identities, images, test_identities, file=folder)
    check_seed(seed)
    faces, total = SyntheticFaces(seed), identities * images + 4 * test_identities
    done = 0

    def draw(first: int, people: int, each: int) -> Iterator[tuple[bytes, int]]:
        nonlocal done
        numbers = torch.arange(people * each)
        for part in numbers.split(_BATCH):
            for picture, number in zip(faces.render(first + part // each, part % each), part.tolist(), strict=True):
                yield encode(picture.numpy()), number // each
            done += len(part)
            if tell is not None:
                tell(done, total)

    # The pairs come last: their file is the sign that all is there.
    write_insightface(folder, draw(0, identities, images), identities)
    encoded = [image for image, _ in draw(identities, test_identities, 4)]
    write_verification_bin(folder / f"{TEST_NAME}.bin", _pairs(encoded, test_identities, seed))
    return folder


def _pairs(encoded: list[bytes], people: int, seed: int) -> VerificationPairs:
    """Five of the six pairs of each person, and five pairs with other people of the same fold."""
    random = generator(seed)
    chosen: list[tuple[int, int, bool, int]] = []
    within = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]
    for fold in range(FOLDS):
        mine = list(range(fold * people // FOLDS, (fold + 1) * people // FOLDS))
        for person in mine:
            others = random.choice([other for other in mine if other != person], len(within)).tolist()
            for (left, right), other in zip(within, others, strict=True):
                chosen.append((4 * person + left, 4 * person + right, True, fold))
                chosen.append((4 * person + left, 4 * other + right, False, fold))
    left, right, same, fold = (np.array(column) for column in zip(*chosen, strict=True))
    return VerificationPairs(TEST_NAME, encoded, left, right, same, fold)
