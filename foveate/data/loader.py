"""Training batches in an order that is a function of (seed, epoch), so that a run can resume inside an epoch.

Legend: N images, B faces of a batch, H x W pixels.
"""

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from foveate import distributed
from foveate.chance import integer, uniform
from foveate.data.balanced import balanced_order
from foveate.data.framing import Framing
from foveate.data.labelled import LabelledImages
from foveate.errors import DataError

RawBatch = tuple[Tensor, Tensor, Tensor]
"""Images uint8 (B, H, W, 3), targets (for classes int64, (B,)), positions in the set int64 (B,)."""


def steps_per_epoch(images: int, batch: int) -> int:
    """Batches in an epoch. The last one may be smaller, but a single face is left out: BatchNorm cannot use it."""
    return images // batch + (images % batch > 1)


def batches(
    images: LabelledImages,
    *,
    batch: int,
    framing: Framing,
    seed: int,
    epoch: int,
    skip: int = 0,
    workers: int = 0,
    per_identity: int = 1,
) -> Iterator[RawBatch]:
    """The batches of one epoch, decoded. Of several ranks each gets its part of every batch.

    Args:
        images: the training set.
        batch: B.
        framing: gives images their size; what it draws is a function of (seed, epoch, position).
        seed, epoch: decide the order, and what is drawn.
        skip: how many batches of the epoch were done before.
        workers: processes that decode; they change nothing but the speed.
        per_identity: how many images of an identity a batch has at least, if it has any; a divisor of B.

    Raises:
        DataError: an image that cannot be decoded, or has not the size it must have.
    """
    generator = torch.Generator().manual_seed(integer("order", seed, epoch))
    if per_identity == 1:
        order = torch.randperm(len(images), generator=generator)
    else:
        order = balanced_order(torch.from_numpy(images.labels), per_identity, generator)
    whole = list(order.split(batch))[skip : steps_per_epoch(len(images), batch)]
    mine = [part.tensor_split(distributed.size())[distributed.rank()] for part in whole]
    yield from _load(_Decoded(images, framing, (seed, epoch)), mine, workers)


def in_order(
    images: LabelledImages, numbers: range, *, batch: int, framing: Framing, workers: int = 0
) -> Iterator[RawBatch]:
    """Some images in their own order, decoded, ``batch`` at a time; what a framing draws is the middle of its range.

    Raises:
        DataError: as ``batches``.
    """
    chosen = [part for part in torch.arange(numbers.start, numbers.stop).split(batch) if len(part)]
    yield from _load(_Decoded(images, framing), chosen, workers)


def _load(decoded: "_Decoded", chosen: Sequence[Tensor], workers: int) -> Iterator[RawBatch]:
    loader: DataLoader[RawBatch | DataError] = DataLoader(
        decoded,
        sampler=chosen,  # pyright: ignore[reportArgumentType] -- each "sample" is the positions of a whole batch
        batch_size=None,
        num_workers=workers,
        persistent_workers=False,
        pin_memory=torch.cuda.is_available(),
    )
    for loaded in loader:
        if isinstance(loaded, DataError):
            raise loaded
        pixels, target, index = loaded  # DataLoader makes a list of it
        yield pixels, target, index


@final
class _Decoded(Dataset[RawBatch | DataError]):
    """Batches by their positions. An error is handed over rather than raised: a worker's traceback would bury it."""

    def __init__(self, images: LabelledImages, framing: Framing, keys: tuple[int, int] | None = None) -> None:
        self._images, self._framing, self._keys = images, framing, keys

    def __getitem__(self, positions: Tensor) -> RawBatch | DataError:
        chances = zip(positions.tolist(), self._chance(positions), strict=True)
        try:
            examples = [self._framing.example(self._images, position, chance) for position, chance in chances]
        except DataError as error:
            return error
        pixels, targets = zip(*examples, strict=True)
        return torch.from_numpy(np.stack(pixels)), torch.from_numpy(self._framing.stack(targets)), positions

    def _chance(self, positions: Tensor) -> np.ndarray:
        """What each image's framing draws."""
        draws = self._framing.draws
        if self._keys is None or not draws:
            return np.full((len(positions), draws), 0.5)
        return torch.stack([uniform(f"crop {number}", *self._keys, positions) for number in range(draws)], 1).numpy()
