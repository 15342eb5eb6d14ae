"""Randomness as a function: the same keys always give the same draw, whatever was drawn before.

Legend: B samples.

A run that is killed and resumed, or split over other loader workers, must make the same choices for
the same image. So choices are hashed from (seed, epoch, index, ...) rather than taken from the state
of a generator. The mixer is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
"""

import zlib
from typing import Final

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from foveate.errors import RecipeError

_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB


def uniform(
    stream: str, *keys: int | Int64[Tensor, " B"], device: torch.device | str | None = None
) -> Float64[Tensor, " B"]:
    """Draw numbers in [0, 1) that depend on nothing but their keys.

    Args:
        stream: what the draw is for; two streams are independent of each other.
        keys: integers, or integer tensors of one common (broadcastable) shape. With integers alone the
            result has the shape ``(1,)``.
        device: where to compute when no key is a tensor.

    Returns:
        float64 numbers with 53 random bits, on the device of the tensor keys.
    """
    tensors = [key for key in keys if isinstance(key, Tensor)]
    device = tensors[0].device if tensors else device
    state = torch.full((1,), zlib.crc32(stream.encode()), dtype=torch.int64, device=device)
    for key in keys:
        state = _mix(state + torch.as_tensor(key, dtype=torch.int64, device=device) * _signed(_GOLDEN))
    return _shift(_mix(state + _signed(_GOLDEN)), 11).to(torch.float64) * 2.0**-53


def integer(stream: str, *keys: int) -> int:
    """A seed below 2**53 for a library's own generator, as a function of the keys."""
    return int(uniform(stream, *keys).item() * 2**53)


def check_seed(seed: int) -> None:
    """Raises RecipeError if a seed that a user gave is negative."""
    if seed < 0:
        raise RecipeError(f"--seed is {seed}", remedy="Give 0 or more.")


def generator(seed: int) -> np.random.Generator:
    """NumPy's generator of a seed that a user gave; raises as ``check_seed``."""
    check_seed(seed)
    return np.random.default_rng(seed)


def _mix(state: Tensor) -> Tensor:
    state = (state ^ _shift(state, 30)) * _signed(_FIRST)
    state = (state ^ _shift(state, 27)) * _signed(_SECOND)
    return state ^ _shift(state, 31)


def _shift(state: Tensor, bits: int) -> Tensor:
    """A logical right shift: torch's own keeps the sign of int64."""
    return (state >> bits) & ((1 << (64 - bits)) - 1)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
