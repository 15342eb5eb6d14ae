"""BatchNorm that nobody trains any more, folded into the convolution before it: the same answer, one pass less.

In evaluation mode BatchNorm is y = (x - mean) / sqrt(variance + eps) * weight + bias with constants, so it scales and
shifts the output channels of the convolution before it. One *after* which a convolution with padding stands cannot be
folded forwards: the padding's zeros would be shifted too.
"""

import copy
import itertools

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def folded(network: nn.Module) -> nn.Module:
    """A copy of a network in evaluation mode, each BatchNorm right behind a convolution of a Sequential folded into it.

    The names of all other modules stay, so taps find them. Answers are the same up to rounding.
    """
    made = copy.deepcopy(network).eval()
    for module in list(made.modules()):
        if isinstance(module, nn.Sequential):
            _fold(module)
    return made


def _fold(sequence: nn.Sequential) -> None:
    names = list(sequence._modules)
    for name, following in itertools.pairwise(names):
        convolution, norm = sequence._modules[name], sequence._modules[following]
        # A subclass may do more than normalise: timm's holds the activation.
        if isinstance(convolution, nn.Conv2d) and type(norm) is nn.BatchNorm2d and norm.track_running_stats:
            kept = type(convolution)
            fused = fuse_conv_bn_eval(convolution, norm)
            assert type(fused) is kept
            sequence._modules[name] = fused
            sequence._modules[following] = nn.Identity()
