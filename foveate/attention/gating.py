"""The three steps every attention module is made of, with gradients that keep the channels last and copy nothing.

Legend: B images, C channels, H x W pixels, R = B H W places.

Their values are those of the plain expressions in each docstring, which are also what runs where no gradient is wanted
(so that tracing and export see plain operators). The gradients of the plain expressions are right as well, but lay
out memory channels first and go over the features many times.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F


def pool_places(
    x: Float[Tensor, "B C H W"],
) -> tuple[Float[Tensor, "B C H W"], Float[Tensor, "B C 1 1"], Float[Tensor, "B C 1 1"]]:
    """``x`` itself, its mean and its maximum over the places: ``x.mean((2, 3))`` and ``x.amax((2, 3))``.

    The features come back so that their gradient and the pools' are added in one pass: go on with them, not with ``x``.
    """
    if not _differentiated(x):
        return x, x.mean((2, 3), keepdim=True), F.adaptive_max_pool2d(x, 1)
    return _PoolPlaces.apply(x)


def pool_channels(
    x: Float[Tensor, "B C H W"],
) -> tuple[Float[Tensor, "B C H W"], Float[Tensor, "B 1 H W"], Float[Tensor, "B 1 H W"]]:
    """``x`` itself, its mean and its maximum over the channels: ``x.mean(1)`` and ``x.amax(1)``; see above."""
    if not _differentiated(x):
        return x, x.mean(1, keepdim=True), x.amax(1, keepdim=True)
    return _PoolChannels.apply(x)


def weigh(x: Float[Tensor, "B C H W"], gate: Float[Tensor, "B #C #H #W"]) -> Float[Tensor, "B C H W"]:
    """``x * gate`` for a gate over channels (B, C, 1, 1) or over places (B, 1, H, W)."""
    return _Weigh.apply(x, gate) if _differentiated(x, gate) else x * gate


def _differentiated(*values: Tensor) -> bool:
    return torch.is_grad_enabled() and any(value.requires_grad for value in values)


def _rows(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H W, C), a view where the channels are last."""
    return x.permute(0, 2, 3, 1).reshape(len(x), -1, x.shape[1])


def _viewed(x: Tensor) -> Tensor:
    """The same values in a layout of which ``_rows`` is a view, so that what is added to the rows is added to them."""
    usual = x.is_contiguous() or x.is_contiguous(memory_format=torch.channels_last)
    return x if usual else x.contiguous()


def _over_channels(rows: Tensor) -> Tensor:
    """(B, H W, C) -> (B, H W) sums, as a product with ones: many times faster than a sum, and added up in float32."""
    with torch.autocast(rows.device.type, enabled=False):
        return rows @ rows.new_ones(rows.shape[2])


class _PoolPlaces(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        largest, place = F.adaptive_max_pool2d(x, 1, return_indices=True)
        ctx.save_for_backward(place)
        mean = _rows(x).sum(1)[:, :, None, None] / (x.shape[2] * x.shape[3])
        return x.view_as(x), mean, largest

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        through, mean, largest = gradients
        (place,) = ctx.saved_tensors
        answer = _viewed(torch.add(through, mean / (through.shape[2] * through.shape[3])))
        _rows(answer).scatter_add_(1, place[:, None, :, 0, 0], largest[:, None, :, 0, 0])
        return answer


class _PoolChannels(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        largest, channel = x.max(1, keepdim=True)
        ctx.save_for_backward(channel)
        mean = (_over_channels(_rows(x)) / x.shape[1]).view(len(x), 1, *x.shape[2:])
        return x.view_as(x), mean, largest

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        through, mean, largest = gradients
        (channel,) = ctx.saved_tensors
        answer = _viewed(torch.add(through, mean / through.shape[1]))
        _rows(answer).scatter_add_(2, _rows(channel), _rows(largest))
        return answer


class _Weigh(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gate: Tensor) -> Tensor:
        ctx.save_for_backward(x, gate)
        return x * gate

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:  # pyright: ignore[reportIncompatibleMethodOverride]
        (gradient,), (x, gate) = gradients, ctx.saved_tensors
        rows = _rows(gradient * x)
        if gate.shape[1:] == (x.shape[1], 1, 1):
            return gradient * gate, rows.sum(1).view_as(gate)
        return gradient * gate, _over_channels(rows).view_as(gate)
