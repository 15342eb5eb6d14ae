"""Traits: a record whose fields are random numbers, each a pure function of the keys and of the field's own name.

Legend: B faces, K numbers of one trait.

A record lists its traits as one would list them on a form, each with its range. Since a number depends on the name of
its field and not on its place, a trait added later changes none of the others.
"""

import zlib
from dataclasses import field, fields
from typing import Any, TypeVar

import torch
from torch import Tensor

from foveate.chance import uniform

Record = TypeVar("Record")


def between(low: float, high: float, count: int = 1) -> Any:
    """A trait spread evenly over ``[low, high)``; ``count`` of them stand side by side."""
    return field(metadata={"low": low, "high": high, "count": count})


def draw(kind: type[Record], *keys: int | Tensor) -> Record:
    """Fill in a record for each of B faces.

    Args:
        kind: a dataclass whose fields were made by ``between``.
        keys: what the numbers depend on: integers, or int64 tensors of shape (B,); at least one tensor.

    Returns:
        the record with float32 fields: (B, 1, 1, 1) where the trait is one number, (B, K) where it is K of them.
    """
    traits = fields(kind)  # pyright: ignore[reportArgumentType]
    counts = [trait.metadata["count"] for trait in traits]
    faces = next(len(key) for key in keys if isinstance(key, Tensor))
    device = next(key.device for key in keys if isinstance(key, Tensor))
    names = [
        zlib.crc32(f"{trait.name} {place}".encode())
        for trait, count in zip(traits, counts, strict=True)
        for place in range(count)
    ]
    spread = [key.repeat_interleave(len(names)) if isinstance(key, Tensor) else key for key in keys]
    columns = torch.tensor(names, device=device).repeat(faces)
    chances = uniform(f"synthetic {kind.__name__}", *spread, columns).to(torch.float32).view(faces, len(names))
    values = {}
    for trait, count, chance in zip(traits, counts, chances.split(counts, dim=1), strict=True):
        low, high = trait.metadata["low"], trait.metadata["high"]
        value = chance * (high - low) + low
        values[trait.name] = value.view(faces, 1, 1, 1) if count == 1 else value
    return kind(**values)
