"""Losses are computed in numbers that are exact enough, whatever the networks ran in."""

import torch
from jaxtyping import Float
from torch import Tensor


def exact(values: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The same in float32, or in float64 if it is that already."""
    return values if values.dtype == torch.float64 else values.float()
