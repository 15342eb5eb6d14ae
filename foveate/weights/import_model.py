"""Weights of another project become a model file like our own, without a head."""

import hashlib
from pathlib import Path
from typing import Literal

from foveate import __version__
from foveate.backbones.iresnet import IResNet
from foveate.blueprint import describe
from foveate.errors import CheckpointError
from foveate.model_file import Card, save_model
from foveate.views import FaceViews
from foveate.weights.convert import convert, recognise
from foveate.weights.layout import Colour
from foveate.weights.layouts import LAYOUTS
from foveate.weights.state_file import read_state

Kind = Literal["auto", "released", "arcface_torch", "adaface"]


def import_model(weights: Path, out: Path, *, kind: Kind = "auto", colour: Colour | None = None) -> Card:
    """Convert weights and write them as a model file that evaluates, and that may teach.

    A network of the A-SKD authors sees BGR, as all do under the preset ``released``. Of any other network that sees
    BGR, the input channels of the first convolution are turned round, so that the model sees RGB, as all do under the
    preset ``paper``; it answers the same, up to rounding.

    Args:
        weights: see ``foveate.weights.state_file``.
        out: the model file to write.
        kind: a name in ``LAYOUTS``, or "auto" to tell it by the names of the weights.
        colour: order of the channels the weights were trained with; by default as the project does it.

    Returns:
        The card of the model; ``imported`` says where it comes from.

    Raises:
        CheckpointError: the weights cannot be read, or are not those of a known network; ``out`` exists.
    """
    if out.exists():
        raise CheckpointError("the file exists already", file=out, remedy="Name another --out, or delete it.")
    state = read_state(weights)
    known = recognise(state, file=weights) if kind == "auto" else kind
    network, layout = convert(state, known, file=weights), LAYOUTS[known]
    seen = colour or layout.colour
    views = FaceViews(colour=seen if known == "released" else "rgb")
    if views.colour != seen:
        _turn_colours_round(network)
    card: Card = {
        "version": __version__,
        "recipe": "import",
        "arguments": {"weights": weights.name, "kind": known, "colour": seen},
        "seed": None,
        "network": describe(network),
        "head": None,
        "views": describe(views),
        "degradation": views.degrade.title,
        "classes": {"number": 0, "sha256": None},
        "imported": {
            "kind": known,
            "colour": seen,
            "project": layout.title,
            "source": layout.source,
            "file": weights.name,
            "file_sha256": _sha256(weights),
        },
    }
    save_model(out, {f"network.{name}": value for name, value in network.state_dict().items()}, card)
    return card


def _turn_colours_round(network: IResNet) -> None:
    stem = network.get_parameter("stem.0.weight")
    stem.data = stem.data.flip(1)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
