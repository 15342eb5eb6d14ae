"""A ResNet begins with weights that torchvision, or who names them alike, trained on ImageNet."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from foveate.errors import CheckpointError
from foveate.weights.state_file import read_state

_RULES: Final = (
    (r"stem\.0\.", "conv1."),
    (r"stem\.1\.", "bn1."),
    (r"stage(\d\.\d+)\.branch\.conv(\d)\.(?:conv\.)?", r"layer\1.conv\2."),
    (r"stage(\d\.\d+)\.branch\.norm(\d)\.", r"layer\1.bn\2."),
    (r"stage(\d\.\d+)\.shortcut\.", r"layer\1.downsample."),
)
"""Our names, and torchvision's for them."""


def begin_with(network: nn.Module, file: Path) -> int:
    """Copy the weights of a ResNet into a network that has one: convolutions, and BatchNorm where the network has it.

    Attention, the offsets of deformable convolutions, GroupNorm and all that stands behind the four stages stay as they
    were drawn.

    Args:
        network: with ``stem`` and ``stage1`` to ``stage4`` as ``foveate.backbones.resnet`` names them.
        file: a state dictionary, as .pth or .safetensors; no code of it is run.

    Returns:
        How many tensors were copied.

    Raises:
        CheckpointError: the file cannot be read, lacks a tensor, or is of a ResNet of another depth or width.
    """
    theirs, wanted = read_state(file), _wanted(network)
    wrong = [
        f"{their} is {_shape(theirs, their) or 'missing'}, not {tuple(ours.shape)}"
        for their, ours in wanted.items()
        if _shape(theirs, their) != tuple(ours.shape)
    ]
    if wrong:
        raise CheckpointError(
            f"its weights are of another ResNet ({len(wrong)} of {len(wanted)} tensors differ, first {wrong[0]})",
            file=file,
            remedy="Name weights of torchvision's ResNet of the same --depth, and take --width 64.",
        )
    with torch.no_grad():
        for their, ours in wanted.items():
            ours.copy_(theirs[their])
    return len(wanted)


def _wanted(network: nn.Module) -> dict[str, Tensor]:
    """Our tensors, by torchvision's names."""
    left = [f"{name}." for name, module in network.named_modules() if isinstance(module, nn.GroupNorm)]
    found = dict[str, Tensor]()
    for name, value in network.state_dict(keep_vars=True).items():
        drawn = name.startswith(tuple(left)) or ".attention." in name or ".offset." in name
        counter = name.endswith(".num_batches_tracked")  # of which nothing depends, and which old files lack
        for ours, theirs in _RULES if not (drawn or counter) else ():
            if re.match(ours, name):
                found[re.sub(f"^{ours}", theirs, name)] = value
    return found


def _shape(state: Mapping[str, Tensor], name: str) -> tuple[int, ...] | None:
    return tuple(state[name].shape) if name in state else None
