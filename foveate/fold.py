"""BatchNorm that nobody trains any more, folded into the convolution before it: the same answer, one pass less.

In evaluation mode BatchNorm is y = (x - mean) / sqrt(variance + eps) * weight + bias with constants, so it scales and
shifts the output channels of the convolution before it. One *after* which a convolution with padding stands cannot be
folded forwards: the padding's zeros would be shifted too.
"""

import copy
import itertools
from collections.abc import Container

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def folded(network: nn.Module, tapped: Container[str] = ()) -> nn.Module:
    """A copy of a network in evaluation mode, each BatchNorm right behind a convolution of a Sequential folded into it.

    The names of all other modules stay, so taps find them. Answers are the same up to rounding.

    Args:
        network: any module.
        tapped: names of modules of which somebody wants to see what they receive or answer: these stay as they are.
    """
    made = copy.deepcopy(network).eval()
    for name, module in list(made.named_modules()):
        if isinstance(module, nn.Sequential):
            _fold(module, f"{name}." if name else "", tapped)
    return made


def _fold(sequence: nn.Sequential, prefix: str, tapped: Container[str]) -> None:
    names = list(sequence._modules)
    for name, following in itertools.pairwise(names):
        convolution, norm = sequence._modules[name], sequence._modules[following]
        if prefix + name in tapped or prefix + following in tapped:
            continue
        # A subclass may do more than normalise: timm's holds the activation.
        if isinstance(convolution, nn.Conv2d) and type(norm) is nn.BatchNorm2d and norm.track_running_stats:
            kept = type(convolution)
            fused = fuse_conv_bn_eval(convolution, norm)
            assert type(fused) is kept
            sequence._modules[name] = fused
            sequence._modules[following] = nn.Identity()
