"""Keeping some people out of training, to test on them.

Legend: N images, P pairs.
"""

from collections.abc import Sequence
from typing import Final, final, overload

import numpy as np
from jaxtyping import Int64

from foveate.chance import generator
from foveate.data.labelled import LabelledImages
from foveate.data.pairs import VerificationPairs
from foveate.data.subset import Subset
from foveate.errors import DataError

FOLDS: Final = 10
_LEAST_FOLDS: Final = 2
_MOST_PAIRS: Final = 6000


@final
class Chosen(Subset):
    """The images of some classes of another set; labels are counted anew from 0.

    Args:
        source: the whole set.
        classes: numbers of the classes to keep.
    """

    def __init__(self, source: LabelledImages, classes: Int64[np.ndarray, " C"]) -> None:
        kept = np.sort(classes)
        super().__init__(source, np.flatnonzero(np.isin(source.labels, kept)))
        self.labels = np.searchsorted(kept, source.labels[self.positions])
        self.classes = tuple(source.classes[number] for number in kept)


def hold_out(images: LabelledImages, *, share: float, seed: int = 0) -> tuple[LabelledImages, VerificationPairs]:
    """Split a set by identity: one part to train on, pairs of the other people to test on.

    Args:
        images: the whole set.
        share: of the identities to keep out of training.
        seed: decides which.

    Raises:
        DataError: too few identities, or too few with two images, for pairs in ten folds.
    """
    order, count = _drawn(images, share, seed)
    least = 2 * _LEAST_FOLDS
    if count < least or len(order) - count < 2:
        enough = -(-100 * least // max(1, len(order))) / 100
        hold = f"hold out more (--hold-out {enough:g}), " if count < least and len(order) >= least + 2 else ""
        raise DataError(
            f"of {len(order)} identities {count} would be held out; pairs need at least {least}, and training 2",
            file=images.path,
            remedy=f"Add identities, {hold}or bring a verification set of other people with --test.",
        )
    kept_out = Chosen(images, order[:count])
    return Chosen(images, order[count:]), make_pairs(kept_out, name=f"held-out {images.path.name}", seed=seed)


def divide(images: LabelledImages, *, share: float, seed: int = 0) -> tuple[Chosen, Chosen]:
    """Split a set by identity: those to keep, and those held out, the same as ``hold_out`` holds out.

    Raises:
        DataError: a part would have fewer than two identities.
    """
    if not 0 < share < 1:
        raise DataError(f"{share:g} is no share of the identities", file=images.path, remedy="Give one between 0 and 1")
    order, count = _drawn(images, share, seed)
    if min(count, len(order) - count) < 2:
        problem = f"of {len(order)} identities {count} would be held out; each part needs two"
        raise DataError(problem, file=images.path, remedy="Choose another --share, or add identities.")
    return Chosen(images, order[count:]), Chosen(images, order[:count])


def _drawn(images: LabelledImages, share: float, seed: int) -> tuple[Int64[np.ndarray, " C"], int]:
    """All classes in the order in which they are held out, and how many are."""
    order = generator(seed).permutation(len(images.classes))
    return order, round(share * len(order))


def make_pairs(images: LabelledImages, *, name: str, seed: int = 0) -> VerificationPairs:
    """Pairs of the same and of different people, as many of each, in folds that share nobody.

    There are ten folds, or fewer where there are fewer than twenty people: a fold needs two.

    Args:
        images: the people to pair.
        name: of the set.
        seed: decides which pairs are taken where there are more than 6,000.

    Raises:
        DataError: a fold would have no pair of one kind.
    """
    random = generator(seed)
    people = random.permutation(len(images.classes))
    chosen: list[tuple[int, int, bool, int]] = []
    folds = max(_LEAST_FOLDS, min(FOLDS, len(people) // 2))
    for fold in range(folds):
        mine = [np.flatnonzero(images.labels == person) for person in people[fold::folds]]
        same = [(int(a), int(b)) for own in mine for i, a in enumerate(own) for b in own[i + 1 :]]
        random.shuffle(same)
        same = same[: _MOST_PAIRS // folds // 2]
        if len(mine) < 2 or not same:
            raise DataError(
                f"{len(images.classes)} held-out people with {len(images)} images give no pairs for {folds} folds",
                file=images.path,
                remedy="Hold out more identities, or bring a verification set with --test.",
            )
        chosen += [(left, right, True, fold) for left, right in same]
        for _ in same:
            first, second = random.choice(len(mine), 2, replace=False)
            chosen.append((int(random.choice(mine[first])), int(random.choice(mine[second])), False, fold))
    left, right, flags, folds = (np.array(column) for column in zip(*chosen, strict=True))
    return VerificationPairs(name, Encoded(images), left, right, flags, folds, images.labels.astype(np.int64))


@final
class Encoded(Sequence[bytes]):
    """The encoded images of a labelled set, as a plain sequence."""

    def __init__(self, images: LabelledImages) -> None:
        self._images = images

    def __len__(self) -> int:
        return len(self._images)

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...

    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(index, slice):
            return [self._images.encoded(number) for number in range(*index.indices(len(self)))]
        return self._images.encoded(index)
