"""Any image network of timm (https://huggingface.co/docs/timm), tapped and not changed.

Legend: B images, D embedding size, H x W pixels.

What distillers want to see is there under this package's names: ``stage1`` to ``stage4`` answer with the features after
the network's last four levels (of a transformer, after each quarter of its blocks), and attention modules of timm have
a ``gate`` as ours have (SE, ECA, CBAM; of EfficientNet and MobileNetV3 too).
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, cast, final

from jaxtyping import Float
from torch import Tensor, nn

from foveate.backbones.backbone import Backbone
from foveate.errors import RecipeError


@final
class TimmNetwork(Backbone):
    """A network by its name in timm, with random weights and without its classifier.

    Args:
        model: its name ("seresnet18", "mobilenetv3_small_050", "vit_tiny_patch16_224").
        embedding: D, of a linear layer behind the pooled features; None for these features themselves.
        attn_layer: attention that timm puts into the blocks of its ResNets ("cbam", "se", "eca"); "none" for what the
            network has of its own.
        dropout: probability on the pooled features.
        size: side of the images in pixels.

    Raises:
        RecipeError: timm is not installed, has no such network, or cannot make it so.
    """

    def __init__(
        self,
        model: str = "resnet18",
        *,
        embedding: int | None = None,
        attn_layer: str = "none",
        dropout: float = 0.0,
        size: int = 224,
    ) -> None:
        super().__init__()
        self.size = size
        self.network: Any = _make(model, attn_layer, dropout, size)
        features: int = getattr(self.network, "head_hidden_size", None) or self.network.num_features
        self.embedding = features if embedding is None else embedding
        self.project = nn.Identity() if embedding is None else nn.Linear(features, embedding)
        info = self.network.feature_info
        self._ends = _four(getattr(info, "info", info))
        for number, level in enumerate(self._ends, start=1):
            shown = Shown(self.network)
            self.add_module(f"stage{number}", shown)
            self.network.get_submodule(level).register_forward_hook(shown.show)
        self._places = {name: place for place, (name, _) in enumerate(self.network.named_modules())}

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        return self.project(self.network(images))

    @property
    def prefix(self) -> int:
        """How many tokens of a transformer stand before those of its patches."""
        return getattr(self.network, "num_prefix_tokens", 0)

    @property
    def has_class(self) -> bool:
        """Whether the first of them is a class token."""
        return getattr(self.network, "cls_token", None) is not None

    def stage_of(self, name: str) -> str:
        """The first of the four levels that is not before the module."""
        inside = name.removeprefix("network.")
        if inside == name or inside not in self._places:
            return name.partition(".")[0]
        for number, level in enumerate(self._ends, start=1):
            if inside.startswith(f"{level}.") or self._places[inside] <= self._places[level]:
                return f"stage{number}"
        return "stage4"


@final
class Shown(nn.Module):
    """What a module of another network answers, under a name of its own, channels first.

    Args:
        network: whose module it is. Networks that answer with channels last say so (timm's ``output_fmt``); of tokens
            those that stand for no place are left out (``num_prefix_tokens``).
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self._last = getattr(network, "output_fmt", "NCHW") == "NHWC"
        self._before: int = getattr(network, "num_prefix_tokens", 0)
        self._grid = getattr(getattr(network, "patch_embed", None), "grid_size", None)

    def show(self, _module: nn.Module, _given: tuple[Any, ...], answer: Tensor) -> None:
        """A forward hook."""
        if answer.ndim == 4 and self._last:
            answer = answer.permute(0, 3, 1, 2)
        if answer.ndim == 3 and self._grid is not None and answer.shape[1] - self._before == prod(self._grid):
            answer = answer[:, self._before :].mT.unflatten(2, self._grid)
        self(answer)

    def forward(self, features: Tensor) -> Tensor:
        return features


def _make(model: str, attn_layer: str, dropout: float, size: int) -> nn.Module:
    try:
        import timm
    except ImportError as error:
        raise RecipeError("timm is not installed", remedy="pip install 'foveate[timm]'.") from error
    if not timm.is_model(model):
        near = ", ".join(timm.list_models(f"*{model[:6]}*")[:5]) or "resnet18, seresnet18"
        raise RecipeError(f"timm has no network {model!r}", remedy=f"Its networks are called like {near}.")
    given: dict[str, Any] = {"drop_rate": dropout}
    if attn_layer != "none":
        given["block_args"] = {"attn_layer": attn_layer}
    known = timm.get_pretrained_cfg(model, allow_unregistered=True)
    if known is not None and known.fixed_input_size:
        given["img_size"] = size
    try:
        return cast("nn.Module", timm.create_model(model, pretrained=False, num_classes=0, **given))
    except (TypeError, AssertionError, RuntimeError, ValueError) as error:
        raise RecipeError(
            f"timm cannot make {model} with {attn_layer} attention for {size} pixels ({error})",
            remedy="Only its ResNets take another --attention; with others give --attention none.",
        ) from error


def _four(levels: Sequence[Mapping[str, Any]]) -> list[str]:
    """Four of a network's levels: the last four of a pyramid, each quarter's last of a transformer's equal blocks."""
    names = [level["module"] for level in levels]
    if len(levels) < 4:
        raise RecipeError(f"the network has {len(levels)} levels", remedy="Choose one with four or more.")
    if levels[0]["reduction"] != levels[-1]["reduction"]:
        return names[-4:]
    return [names[len(names) * quarter // 4 - 1] for quarter in (1, 2, 3, 4)]
