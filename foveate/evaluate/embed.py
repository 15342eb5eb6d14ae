"""Images -> embeddings, in batches, of the face and of its mirror image.

Legend: N images, D embedding size.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from foveate import distributed
from foveate.data.decode import decode
from foveate.data.exact_size import check_size
from foveate.data.image_files import ImageFiles
from foveate.degrade.resize import Resize, resize

BATCH = 128

Fit = Callable[[UInt8[Tensor, "H W 3"]], UInt8[Tensor, "S S 3"]]
"""Gives an image the size that the network takes."""


def enlarging(network: nn.Module, size: int, by: Resize) -> Fit:
    """Brings images of any size to that of the network, on its device."""
    device = next(network.parameters()).device
    return lambda image: resize(image.to(device), size, by=by)


def pixel_batches(
    images: Sequence[bytes], *, size: int, name: str, batch: int = BATCH, fit: Fit | None = None
) -> Iterator[UInt8[Tensor, "B H W 3"]]:
    """Decode images in order, ``batch`` at a time; of several ranks each gets its share of them.

    Args:
        images: encoded.
        size: side the images must have, in pixels.
        name: of the set, for messages.
        batch: images at a time.
        fit: resizes every image; without it they must have the size already.

    Raises:
        DataError: one cannot be decoded or has another size.
    """
    mine = distributed.share(len(images))
    for start in range(mine.start, mine.stop, batch):
        pixels = []
        for number in range(start, min(start + batch, mine.stop)):
            image = decoded(images, number, None if fit else size, name)
            pixels.append(image if fit is None else fit(image))
        yield torch.stack(pixels)


def decoded(images: Sequence[bytes], number: int, size: int | None, name: str) -> UInt8[Tensor, "H W 3"]:
    """One image of a set.

    Args:
        images: encoded.
        number: which.
        size: side that it must have, in pixels; None for any.
        name: of the set, for messages.

    Raises:
        DataError: it cannot be decoded or has another size.
    """
    record = images.names[number] if isinstance(images, ImageFiles) else number
    image = decode(images[number], file=name, record=record)
    if size is not None:
        check_size(image, size, file=name, record=record)
    return torch.from_numpy(image)


@torch.inference_mode()
def embed(
    network: nn.Module,
    images: Sequence[bytes],
    see: Callable[[UInt8[Tensor, "B H W 3"]], Float[Tensor, "B 3 H W"]],
    *,
    size: int,
    name: str = "images",
    fit: Fit | None = None,
) -> Float[np.ndarray, "N 2 D"]:
    """Embed each image and its mirror image, not normalised, in float32. Ranks share the work and get all of it.

    Args:
        network: in evaluation mode; its device is used.
        images: encoded.
        see: turns decoded images into what the network sees (colour order, value range, degradation). The mirror
            image is made before, as in the authors' protocol (docs/degradation.md).
        size: side the images must have, in pixels.
        name: of the set, for messages.
        fit: gives images of other sizes that size; it may move them to the network's device.
    """
    device = next(network.parameters()).device
    answers: list[Tensor] = []
    for pixels in pixel_batches(images, size=size, name=name, fit=fit):
        both = torch.cat([pixels, pixels.flip(2)]).to(device)
        answer = network(see(both).contiguous(memory_format=torch.channels_last)).float()
        answers.append(torch.stack(answer.chunk(2), dim=1).cpu())
    parts = distributed.collected(torch.cat(answers).numpy() if answers else None)
    return np.concatenate([part for part in parts if part is not None])
