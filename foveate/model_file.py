"""Model files: weights as safetensors, with everything needed to use them.

A model file holds the network, its head and, in its header, a card: recipe, arguments, constructor calls of network,
head and views (with the degradation), the hash of the class list, and the package version.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from foveate.blueprint import build
from foveate.errors import CheckpointError
from foveate.files import write_bytes

FORMAT: Final = 1
"""Version of the layout of model files."""

Tensors = Mapping[str, Tensor]
Card = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A trained network as it comes out of a file.

    Attributes:
        network, head: a Backbone and a Head, in evaluation mode, on the CPU; no head (None) where the weights came from
            elsewhere without one.
        views: what the network was trained to see (FaceViews: colour order, value range, degradation).
        card: all else that is known of it; see ``foveate.train``.
    """

    network: Any
    head: Any
    views: Any
    card: Card


def save_model(path: Path, tensors: Tensors, card: Card) -> None:
    """Write a model file; ``tensors`` are named ``network.*``, ``head.*`` (and ``distillers.*``)."""
    dense = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    whole = {"format": FORMAT, **card, "weights_sha256": digest(dense)}
    write_bytes(path, save(dense, {"foveate": json.dumps(whole, sort_keys=True)}))


def halve(source: Path, target: Path) -> None:
    """Write a model file again with its weights in float16, half as large; ``load_model`` gives float32 back.

    Raises:
        CheckpointError: as ``load_model``, or a weight that float16 cannot hold.
    """
    tensors, card = read_model_file(source)
    halved = {name: value.half() if value.is_floating_point() else value for name, value in tensors.items()}
    for name, value in halved.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise CheckpointError(f"float16 cannot hold {name}", file=source, remedy="Keep the file as it is.")
    save_model(target, halved, card)


def digest(tensors: Tensors) -> str:
    """SHA-256 over names and bytes of all tensors: a bit that flipped on a disk is a network that is subtly wrong."""
    sha256 = hashlib.sha256()
    for name in sorted(tensors):
        sha256.update(name.encode())
        sha256.update(tensors[name].detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return sha256.hexdigest()


def read_card(path: Path) -> Card:
    """The card of a model file, without reading its weights.

    Raises:
        CheckpointError: no such file, damaged, or not one of ours.
    """
    return read_model_file(path, tensors=False)[1]


def load_model(path: Path) -> Model:
    """Rebuild network, head and views from a model file alone, or from the folder of a run that holds one.

    Weights stored in float16 come back as float32. Nothing is drawn from the global random generator.

    Raises:
        CheckpointError: no such file, damaged, not one of ours, or weights that do not fit the architecture.
    """
    tensors, card = read_model_file(path)
    network, head = (_filled(card, part, tensors, path) for part in ("network", "head"))
    return Model(network, head, _rebuild(card, "views", path), card)


def _filled(card: Card, part: str, tensors: Tensors, file: Path) -> Any:
    """A module that the card describes, with its weights, in evaluation mode."""
    with torch.device("meta"):  # shapes alone: a card that asks for a giant network is refused before memory is taken
        made = _rebuild(card, part, file)
    module = made or nn.Module()
    own = {key.removeprefix(part + "."): value for key, value in tensors.items() if key.startswith(part + ".")}
    known = module.state_dict()
    _check_shapes(known, own, file)
    if any(buffer.is_meta and name not in known for name, buffer in module.named_buffers()):
        with torch.random.fork_rng(devices=[]):  # buffers that no file holds are what the constructor makes them
            module = made = _rebuild(card, part, file)
    module.load_state_dict({key: own[key].to(value.dtype) for key, value in known.items()}, assign=True)
    module.eval()
    return made


def _rebuild(card: Card, part: str, file: Path) -> Any:
    try:
        return build(card[part])
    except MemoryError:
        raise
    except Exception as error:  # a constructor fails in as many ways as there are damaged cards
        problem = error.problem if isinstance(error, CheckpointError) else f"{type(error).__name__}: {error}"
        raise CheckpointError(
            f"its {part} cannot be built again ({problem})",
            file=file,
            remedy=f"Install foveate {card.get('version', 'of the version that wrote it')}, or train again.",
        ) from error


def load_weights(own: Tensors, tensors: Tensors, *, file: Path) -> None:
    """Copy the weights of a file into the tensors of a network's state dictionary.

    Raises:
        CheckpointError: names or shapes differ.
    """
    _check_shapes(own, tensors, file)
    with torch.no_grad():
        for name, value in own.items():
            value.copy_(tensors[name])


def _check_shapes(own: Tensors, tensors: Tensors, file: Path) -> None:
    wrong = [
        f"{name}: file {_shape(tensors, name)}, network {_shape(own, name)}"
        for name in sorted(own.keys() | tensors.keys())
        if _shape(own, name) != _shape(tensors, name)
    ]
    if wrong:
        raise CheckpointError(
            f"the weights are of another architecture ({len(wrong)} tensors differ, first {wrong[0]})",
            file=file,
            remedy="Use the recipe and arguments the checkpoint was made with.",
        )


def read_model_file(path: Path, *, tensors: bool = True) -> tuple[dict[str, Tensor], Card]:
    if (path / "model.safetensors").is_file():
        path = path / "model.safetensors"  # of a run's folder
    if not path.is_file():
        raise CheckpointError("there is no such file", file=path, remedy="Name a model.safetensors written by foveate.")
    try:
        with safe_open(path, "pt") as file:
            card = json.loads((file.metadata() or {}).get("foveate", "null"))
            content = {name: file.get_tensor(name) for name in file.keys()} if tensors else {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"the file is damaged ({error})", file=path, remedy="Restore it or train again."
        ) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise CheckpointError(
            "the file is not a foveate model, or of a version this one cannot read",
            file=path,
            remedy="Name a model.safetensors written by 'foveate train'.",
        )
    if tensors and "weights_sha256" in card and card["weights_sha256"] != digest(content):
        raise CheckpointError(
            "the file is damaged (its weights are not the ones that were written)",
            file=path,
            remedy="Restore it or train again.",
        )
    return content, card


def _shape(tensors: Tensors, name: str) -> tuple[int, ...] | None:
    return tuple(tensors[name].shape) if name in tensors else None
