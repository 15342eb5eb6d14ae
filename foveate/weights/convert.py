"""Weights under another project's names become one of our networks, every tensor of them or none.

Legend: D embedding size.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from foveate.attention.cbam import CBAM
from foveate.attention.se import SE
from foveate.backbones.backbone import MakeAttention
from foveate.backbones.iresnet import BLOCKS, IResNet
from foveate.errors import CheckpointError
from foveate.weights.layout import Layout
from foveate.weights.layouts import LAYOUTS

REDUCTION: Final = 16
"""Of the attention modules of all these projects."""

_STEM: Final = "stem.0.weight"
_FIRST: Final = "stage1.0.branch.conv1.weight"
_PROJECT: Final = "project.weight"
_SHOWN: Final = 4

State = Mapping[str, Tensor]


def recognise(state: State, *, file: Path) -> str:
    """The kind of weights (a name in ``LAYOUTS``), by the name of the first block's first convolution.

    Raises:
        CheckpointError: no kind's, or several networks'.
    """
    found = [kind for kind, layout in LAYOUTS.items() if _prefixes(state, layout)]
    if len(found) != 1:
        names = " and in ".join(found) or "no known network"
        problem = f"its tensors ({_enumerated(sorted(state))}) are named as in {names}"
        remedy = f"Known are {', '.join(LAYOUTS)}: give --kind, or a file of one network."
        raise CheckpointError(problem, file=file, remedy=remedy)
    return found[0]


def convert(state: State, kind: str, *, file: Path) -> IResNet:
    """Build the network that these weights are of, and give them to it.

    BatchNorm without weights, as AdaFace's last one, gets ones and zeros, which is the same.

    Args:
        state: their tensors; in float32 they become what they are, from float16 the same numbers.
        kind: a name in ``LAYOUTS``.
        file: where they come from, for messages.

    Raises:
        CheckpointError: tensors are missing, of another shape, unknown or not finite; the message names them.
    """
    layout = LAYOUTS[kind]
    prefixes = _prefixes(state, layout)
    if len(prefixes) != 1:
        problem = f"it holds {len(prefixes)} networks of the kind {kind}"
        raise CheckpointError(problem, file=file, remedy="Name another --kind, or save one network by itself.")
    theirs = {name.removeprefix(prefixes[0]): value for name, value in state.items() if name.startswith(prefixes[0])}
    theirs = {name: value for name, value in theirs.items() if not name.startswith(layout.aside)}
    others = [name for name in state if not name.startswith((prefixes[0], *layout.aside))]
    network = _network(theirs, kind, file)
    depth = int(network.arguments["depth"])
    names = {layout.theirs(name, depth): own for name, own in network.state_dict().items()}
    _check(names, theirs, others, file)
    network.to_empty(device="cpu")
    with torch.no_grad():
        for name, own in network.state_dict().items():
            value = theirs.get(layout.theirs(name, depth))
            own.fill_(name.endswith(".weight")) if value is None else own.copy_(value)
    return network.eval()


def _prefixes(state: State, layout: Layout) -> list[str]:
    """What stands before the names of each network in a state ("module.", "model.")."""
    mark = layout.theirs(_FIRST, 50)
    return [name.removesuffix(mark) for name in state if name == mark or name.endswith(f".{mark}")]


def _network(theirs: State, kind: str, file: Path) -> IResNet:
    """A network of the same depth and width, which takes no memory yet: the shapes are still to be checked."""
    layout = LAYOUTS[kind]
    suffix = layout.inside["branch.conv1"] + ".weight"
    blocks = sum(name.endswith(f".{suffix}") for name in theirs)
    depth = next((depth for depth, counts in BLOCKS.items() if sum(counts) == blocks), None)
    if depth is None:
        known = ", ".join(str(sum(counts)) for counts in BLOCKS.values())
        problem = f"it has {blocks} blocks, and IResNets have {known}"
        raise CheckpointError(problem, file=file, remedy="Import another network.")
    width, embedding = (_outputs(theirs, layout.theirs(name, depth), file) for name in (_STEM, _PROJECT))
    make = partial(IResNet, shortcut="subsample") if kind == "adaface" else IResNet
    with torch.device("meta"):
        return make(
            depth,
            width=width,
            embedding=embedding,
            attention=_attention(theirs, kind),
            sites="block",
            stem_stride=1,
            dropout=0.4,
            size=112,
        )


def _attention(theirs: State, kind: str) -> MakeAttention | None:
    if kind == "released":
        return partial(CBAM, reduction=REDUCTION, kernel=3)
    return partial(SE, reduction=REDUCTION) if any(".se_block." in name for name in theirs) else None


def _outputs(theirs: State, name: str, file: Path) -> int:
    """How many outputs a layer has."""
    if name not in theirs or theirs[name].ndim < 2:
        raise CheckpointError(f"it lacks the weights {name}", file=file, remedy="Import a whole network.")
    return len(theirs[name])


def _check(names: Mapping[str, Tensor], theirs: State, others: Sequence[str], file: Path) -> None:
    absent = [name for name in names if name not in theirs and not _may_be_absent(name, theirs)]
    unknown = [*(name for name in theirs if name not in names), *others]
    shared = [name for name in names if name in theirs]
    shapes = [
        f"{name} ({_shape(theirs[name])} where {_shape(names[name])} belong)"
        for name in shared
        if theirs[name].shape != names[name].shape
    ]
    broken = [name for name in shared if not theirs[name].isfinite().all()]
    found = {"missing": absent, "of another shape": shapes, "unknown": unknown, "not finite": broken}
    problems = [f"{len(wrong)} {what}: {_enumerated(wrong)}" for what, wrong in found.items() if wrong]
    if problems:
        remedy = "Import a whole network of a known kind, whose training did not diverge."
        problem = f"its weights are not those of an IResNet ({'; '.join(problems)})"
        raise CheckpointError(problem, file=file, remedy=remedy)


def _may_be_absent(name: str, theirs: State) -> bool:
    """A counter that nothing reads, or the weight and bias of a BatchNorm that has neither."""
    module, _, tensor = name.rpartition(".")
    bare = f"{module}.running_mean" in theirs and not {f"{module}.weight", f"{module}.bias"} & theirs.keys()
    return tensor == "num_batches_tracked" or (bare and tensor in ("weight", "bias"))


def _enumerated(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _shape(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "one number"
