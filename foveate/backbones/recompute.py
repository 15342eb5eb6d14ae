"""Memory for time: a block's activations are not kept for the backward pass but computed again (Chen et al., 2016).

Legend: B images, C channels, H x W pixels.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


@torch.compiler.disable  # it cannot follow checkpoint's two contexts
def recomputed(block: nn.Module, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C2 H2 W2"]:
    """``block(x)``, of which only ``x`` is kept. Gradients and running statistics are the same to the last bit."""

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _without_statistics(block)

    return checkpoint(block, x, use_reentrant=False, context_fn=contexts)


@contextmanager
def _without_statistics(block: nn.Module) -> Iterator[None]:
    """The second time BatchNorm must not move its running statistics again."""
    norms = [module for module in block.modules() if isinstance(module, _BatchNorm) and module.track_running_stats]
    kept = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, kept, strict=True):
            norm.momentum = momentum
            if norm.num_batches_tracked is not None:
                norm.num_batches_tracked -= 1


@final
class Stage(nn.Sequential):
    """Blocks one after another. Taps see it called once, whether or not its blocks are recomputed."""

    def forward(self, x: Float[Tensor, "B C H W"], *, recompute: bool = False) -> Float[Tensor, "B C2 H2 W2"]:  # pyright: ignore[reportIncompatibleMethodOverride]
        if not (recompute and torch.is_grad_enabled()):
            return super().forward(x)
        for block in self:
            x = recomputed(block, x)  # pyright: ignore[reportCallIssue]
        return x


def through_stages(network: nn.Module, x: Float[Tensor, "B C H W"], *, recompute: bool) -> Float[Tensor, "B D H2 W2"]:
    """What ``stage1`` to ``stage4`` of a network make of features; their blocks recomputed, if so wanted."""
    for stage in ("stage1", "stage2", "stage3", "stage4"):
        x = network.get_submodule(stage)(x, recompute=recompute)
    return x
