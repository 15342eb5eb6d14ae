"""Checkpoints: weights as safetensors with everything needed to use them, and a small state beside to resume.

A model file holds the network, its head and, in its header, a card: recipe, arguments, constructor calls of network,
head and views (with the degradation), the hash of the class list, and the package version. A training checkpoint is
a folder ``step-00000123`` with such a file, the optimiser's tensors and ``state.json``; it appears all at once.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from foveate.blueprint import build
from foveate.errors import CheckpointError
from foveate.files import finite, sync_folder, write_bytes, write_json

FORMAT: Final = 1
"""Version of the layout of model files."""

_KEEP: Final = 2

Tensors = Mapping[str, Tensor]
Card = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A trained network as it comes out of a file.

    Attributes:
        network, head: a Backbone and a Head, in evaluation mode, on the CPU.
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
    whole = {"format": FORMAT, **card, "weights_sha256": _digest(dense)}
    write_bytes(path, save(dense, {"foveate": json.dumps(whole, sort_keys=True)}))


def _digest(tensors: Tensors) -> str:
    """SHA-256 over names and bytes of all tensors: a bit that flipped on a disk is a network that is subtly wrong."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def read_card(path: Path) -> Card:
    """The card of a model file, without reading its weights.

    Raises:
        CheckpointError: no such file, damaged, or not one of ours.
    """
    return _open(path, tensors=False)[1]


def load_model(path: Path) -> Model:
    """Rebuild network, head and views from a model file alone, or from the folder of a run that holds one.

    Weights stored in float16 come back as float32. Nothing is drawn from the global random generator.

    Raises:
        CheckpointError: no such file, damaged, not one of ours, or weights that do not fit the architecture.
    """
    tensors, card = _open(path)
    with torch.random.fork_rng(devices=[]):  # first weights are drawn and thrown away: nobody else's draws shall change
        network, head, views = (_rebuild(card, part, path) for part in ("network", "head", "views"))
    for name, module in (("network", network), ("head", head)):
        own = {key.removeprefix(name + "."): value for key, value in tensors.items() if key.startswith(name + ".")}
        load_weights(module.state_dict(), own, file=path)
        module.eval()
    return Model(network, head, views, card)


def _rebuild(card: Card, part: str, file: Path) -> Any:
    try:
        return build(card[part])
    except (CheckpointError, KeyError, TypeError) as error:
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
    with torch.no_grad():
        for name, value in own.items():
            value.copy_(tensors[name])


class Spent(NamedTuple):
    """How far a run has come."""

    step: int
    """Steps done."""
    seconds: float
    """Time they took, interruptions not counted."""


def save_state(
    folder: Path,
    spent: Spent,
    *,
    tensors: Tensors,
    card: Card,
    optimiser: torch.optim.Optimizer,
    shards: Path | None = None,
) -> Path:
    """Write the training checkpoint of a step and drop all but the newest two.

    Args:
        folder: of all checkpoints.
        spent: how far the run has come.
        tensors, card: as for ``save_model``.
        optimiser: whose moments are kept.
        shards: a folder beside, with what the ranks have written of their own; it becomes ``shards`` of the checkpoint.
    """
    step = spent.step
    target, partial = folder / f"step-{step:08d}", folder / f".partial-{step:08d}"
    shutil.rmtree(partial, ignore_errors=True)
    save_model(partial / "model.safetensors", tensors, card)
    state: dict[str, Any] = {**spent._asdict(), "optimiser": {}}
    moments = {}
    for number, values in optimiser.state_dict()["state"].items():
        for key, value in values.items():
            if isinstance(value, Tensor):
                moments[f"{number}.{key}"] = value.detach().cpu().contiguous()
            else:
                state["optimiser"][f"{number}.{key}"] = value
    write_bytes(partial / "optimiser.safetensors", save(moments))
    write_json(partial / "state.json", state)
    if shards is not None:
        os.replace(shards, partial / "shards")  # noqa: PTH105 -- as below
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)  # noqa: PTH105 -- Path.replace says the same; os.replace is what renames folders
    sync_folder(folder)
    for old in sorted(folder.glob("step-*"))[:-_KEEP]:
        shutil.rmtree(old)
    return target


def steps_saved(folder: Path) -> set[int]:
    """The steps of which a folder holds complete training checkpoints."""
    return {int(path.name.removeprefix("step-")) for path in folder.glob("step-*")}


def load_state(folder: Path, *, own: Tensors, optimiser: torch.optim.Optimizer, card: Card) -> Spent:
    """Put a training checkpoint back.

    Args:
        folder: a ``step-...`` folder.
        own: the tensors of all that is trained, by name; they get the weights.
        optimiser: gets its moments.
        card: of the run that resumes; must agree with the checkpoint's.

    Returns:
        Where to go on from.

    Raises:
        CheckpointError: damaged, of another architecture, or of another run.
    """
    file = folder / "model.safetensors"
    tensors, stored = _open(file)
    check_same_run(card, stored, file=file)
    load_weights(own, tensors, file=file)
    moments, state = _open_optimiser(folder)
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    content: dict[int, dict[str, Any]] = {}
    for key, value in {**moments, **state["optimiser"]}.items():
        number, _, name = key.partition(".")
        like = parameters[int(number)]
        if isinstance(value, Tensor) and value.shape == like.shape:
            value = torch.empty_like(like).copy_(value)  # in the memory format of its parameter
        content.setdefault(int(number), {})[name] = value
    optimiser.load_state_dict({"state": content, "param_groups": optimiser.state_dict()["param_groups"]})
    return Spent(int(state["step"]), float(state["seconds"]))


def check_same_run(card: Card, stored: Card, *, file: Path) -> None:
    """Compare the card of a run that wants to go on with one that a file holds.

    Raises:
        CheckpointError: they differ; the message names what was, and what is now.
    """
    differ = [line for key in sorted(card) for line in _differences(key, stored.get(key), finite(card[key]))]
    if differ:
        raise CheckpointError(
            f"the file belongs to another run ({'; '.join(differ)})",
            file=file,
            remedy="Resume with the same arguments, or choose another --out.",
        )


def _differences(name: str, was: object, now: object) -> list[str]:
    if isinstance(was, dict) and isinstance(now, dict):
        keys = sorted(was.keys() | now.keys())
        return [line for key in keys for line in _differences(f"{name}.{key}", was.get(key), now.get(key))]
    return [] if was == now else [f"{name} was {_short(was)}, now {_short(now)}"]


def _open(path: Path, *, tensors: bool = True) -> tuple[dict[str, Tensor], Card]:
    if (path / "model.safetensors").is_file():
        path = path / "model.safetensors"  # of a run's folder
    if not path.is_file():
        raise CheckpointError("there is no such file", file=path, remedy="Name a model.safetensors written by foveate.")
    try:
        with safe_open(path, "pt") as file:
            card = json.loads((file.metadata() or {}).get("foveate", "null"))
            content = {name: file.get_tensor(name) for name in file.keys()} if tensors else {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"the file is damaged ({error})", file=path, remedy="Restore it or train again."
        ) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise CheckpointError(
            "the file is not a foveate model, or of a version this one cannot read",
            file=path,
            remedy="Name a model.safetensors written by 'foveate train'.",
        )
    if tensors and "weights_sha256" in card and card["weights_sha256"] != _digest(content):
        raise CheckpointError(
            "the file is damaged (its weights are not the ones that were written)",
            file=path,
            remedy="Restore it or train again.",
        )
    return content, card


def _open_optimiser(folder: Path) -> tuple[dict[str, Tensor], Card]:
    try:
        with safe_open(folder / "optimiser.safetensors", "pt") as file:
            moments = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        state = json.loads((folder / "state.json").read_text())
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"the checkpoint is damaged ({error})",
            file=folder,
            remedy="Delete this folder to resume from the one before.",
        ) from error
    return moments, state


def _shape(tensors: Tensors, name: str) -> tuple[int, ...] | None:
    return tuple(tensors[name].shape) if name in tensors else None


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) < 80 else text[:77] + "..."
