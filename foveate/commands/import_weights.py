"""foveate import WEIGHTS --out model.safetensors: models that another project trained."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from foveate.commands.terminal import answer


def import_weights(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    tyro.cli(convert, prog="foveate import", args=list(arguments))


def convert(
    weights: tyro.conf.Positional[Path],
    /,
    *,
    out: Path,
    kind: Literal["auto", "released", "arcface_torch", "adaface"] = "auto",
    colour: Literal["as the kind", "rgb", "bgr"] = "as the kind",
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Make a model file of weights that another project trained, for evaluate, looks and sweep, or as a teacher.

    No code of the file is run: .pth, .pt and .ckpt files must hold nothing but tensors, numbers and texts.

    Args:
        weights: a .pth, .pt, .ckpt or .safetensors file.
        out: the model.safetensors to write.
        kind: whose network it is: "released" of the A-SKD authors (IR-50 with CBAM), "arcface_torch" of insightface
            (iresnet18 to 100), "adaface" (IR-18 to IR-101, with or without SE); "auto" tells it by the names.
        colour: order of the colour channels the network was trained with; "as the kind": bgr of the A-SKD authors and
            of AdaFace, rgb of insightface.
        as_json: print the model's card as JSON.
    """
    from foveate.weights.import_model import import_model

    card = import_model(weights, out, kind=kind, colour=None if colour == "as the kind" else colour)
    answer({"path": str(out), **card}, as_json=as_json, text=_words(out, card))


def _words(out: Path, card: dict[str, Any]) -> str:
    network, imported = card["network"]["arguments"], card["imported"]
    attention = (network["attention"] or {"partial": "foveate:no attention"})["partial"].partition(":")[2]
    return (
        f"{out}: IResNet-{network['depth']} ({attention}, embedding of {network['embedding']}) "
        f"of {imported['project']}, trained with {imported['colour'].upper()}"
    )
