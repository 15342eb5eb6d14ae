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
from foveate.data.loader import check_size

BATCH = 128


def pixel_batches(
    images: Sequence[bytes], *, size: int, name: str, batch: int = BATCH
) -> Iterator[UInt8[Tensor, "B H W 3"]]:
    """Decode images in order, ``batch`` at a time; of several ranks each gets its share of them.

    Raises:
        DataError: one cannot be decoded or has another size.
    """
    mine = distributed.share(len(images))
    for start in range(mine.start, mine.stop, batch):
        pixels = [
            check_size(decode(images[number], file=name, record=number), size, file=name, record=number)
            for number in range(start, min(start + batch, mine.stop))
        ]
        yield torch.from_numpy(np.stack(pixels))


@torch.inference_mode()
def embed(
    network: nn.Module,
    images: Sequence[bytes],
    see: Callable[[UInt8[Tensor, "B H W 3"]], Float[Tensor, "B 3 H W"]],
    *,
    size: int,
    name: str = "images",
) -> Float[np.ndarray, "N 2 D"]:
    """Embed each image and its mirror image, not normalised, in float32. Ranks share the work and get all of it.

    Args:
        network: in evaluation mode; its device is used.
        images: encoded.
        see: turns decoded images into what the network sees (colour order, value range, degradation). The mirror
            image is made before, as in the authors' protocol (docs/degradation.md).
        size: side the images must have, in pixels.
        name: of the set, for messages.
    """
    device = next(network.parameters()).device
    answers: list[Tensor] = []
    for pixels in pixel_batches(images, size=size, name=name):
        both = torch.cat([pixels, pixels.flip(2)]).to(device)
        answer = network(see(both).contiguous(memory_format=torch.channels_last)).float()
        answers.append(torch.stack(answer.chunk(2), dim=1).cpu())
    parts = distributed.collected(torch.cat(answers).numpy() if answers else None)
    return np.concatenate([part for part in parts if part is not None])
