"""An order of images in which several of one identity stand together, for losses that compare photos of one person.

Legend: N images, P images of an identity in a row, G groups.
"""

import torch
from jaxtyping import Int64
from torch import Tensor


def balanced_order(label: Int64[Tensor, " N"], together: int, generator: torch.Generator) -> Int64[Tensor, " N"]:
    """Positions of N images, in groups of P of one identity; only the last group of all may be smaller.

    Each identity is shuffled and cut into groups. What is left over, fewer than P images, is filled up with others of
    the same identity (with the same again, if there are none), and as many of these groups are drawn as there is room
    for. So no image comes more often than its identity needs, and of the images left over another part is left out in
    each epoch.

    Args:
        label: class of each image.
        together: P, 2 or more.
        generator: of all that is drawn.
    """
    shuffled = torch.randperm(len(label), generator=generator)
    grouped = shuffled[label[shuffled].argsort(stable=True)]
    counts = torch.bincount(label)
    counts = counts[counts > 0]
    starts = counts.cumsum(0) - counts
    cut = counts // together * together
    place = torch.arange(len(label)) - starts.repeat_interleave(counts)
    whole = grouped[place < cut.repeat_interleave(counts)].view(-1, together)
    rest = _filled(grouped, together, *(values[cut < counts] for values in (starts, counts, cut)))
    wanted = -(-len(label) // together) - len(whole)
    groups = torch.cat([whole, _shuffled(rest, generator)[:wanted]])
    return _shuffled(groups, generator).flatten()[: len(label)]


def _filled(
    grouped: Int64[Tensor, " N"],
    together: int,
    starts: Int64[Tensor, " G"],
    counts: Int64[Tensor, " G"],
    cut: Int64[Tensor, " G"],
) -> Int64[Tensor, "G P"]:
    """Of each identity what stands behind its cut, and then its first images once more."""
    places = (cut[:, None] + torch.arange(together)) % counts[:, None]
    return grouped[starts[:, None] + places]


def _shuffled(rows: Int64[Tensor, "G P"], generator: torch.Generator) -> Int64[Tensor, "G P"]:
    return rows[torch.randperm(len(rows), generator=generator)]
