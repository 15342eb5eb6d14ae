"""The layouts of weights that can be imported: of the A-SKD authors, of insightface and of AdaFace.

All are IResNets whose BatchNorms have torch's eps of 1e-5 and whose blocks are norm, conv, norm, prelu, conv (with the
stride), norm. They differ in their names, their attention, the first block's shortcut and the last norm's weights.
"""

from typing import Final

from foveate.weights.layout import Layout

_NORMS_AND_CONVS: Final = ("norm1", "conv1", "norm2", "act", "conv2", "norm3")
"""Modules of a block's residual branch, in their order."""

_ENDS: Final = {
    **{f"stem.{number}": f"input_layer.{number}" for number in range(3)},
    "neck.0": "output_layer.0",
    "project": "output_layer.3",
    "normalise": "output_layer.4",
}
_BRANCH: Final = {f"branch.{name}": f"res_layer.{number}" for number, name in enumerate(_NORMS_AND_CONVS)}
_SHORTCUT: Final = {f"shortcut.{number}": f"shortcut_layer.{number}" for number in range(2)}

RELEASED: Final = Layout(
    title="A-SKD, released code",
    source="github.com/gist-ailab/teaching-where-to-look, model/backbone.py",
    colour="bgr",
    ends=_ENDS,
    inside={
        **_BRANCH,
        **_SHORTCUT,
        **{f"branch.attention.channel.perceptron.{number}": f"channel_layer.shared_mlp.{number}" for number in (0, 2)},
        "branch.attention.spatial.convolution": "spatial_layer.conv",
    },
)

ARCFACE_TORCH: Final = Layout(
    title="insightface, arcface_torch",
    source="github.com/deepinsight/insightface, recognition/arcface_torch/backbones/iresnet.py",
    colour="rgb",
    ends={
        **{f"stem.{number}": name for number, name in enumerate(("conv1", "bn1", "prelu"))},
        "neck.0": "bn2",
        "project": "fc",
        "normalise": "features",
    },
    inside={
        **{
            f"branch.{ours}": theirs
            for ours, theirs in zip(_NORMS_AND_CONVS, ("bn1", "conv1", "bn2", "prelu", "conv2", "bn3"), strict=True)
        },
        **{f"shortcut.{number}": f"downsample.{number}" for number in range(2)},
    },
)

ADAFACE: Final = Layout(
    title="AdaFace",
    source="github.com/mk-minchul/AdaFace, net.py",
    colour="bgr",
    ends=_ENDS,
    inside={
        **_BRANCH,
        **_SHORTCUT,
        "branch.attention.perceptron.0": "res_layer.se_block.fc1",
        "branch.attention.perceptron.2": "res_layer.se_block.fc2",
    },
    flat=True,
    aside=("head.",),
)

LAYOUTS: Final = {"released": RELEASED, "arcface_torch": ARCFACE_TORCH, "adaface": ADAFACE}
