"""Checkpoints of training: a model file, and a small state beside it to resume.

A checkpoint is a folder ``step-00000123`` with a model file (``foveate.model_file``) of all that is trained, the
optimiser's tensors and ``state.json``; it appears all at once.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from foveate.errors import CheckpointError
from foveate.files import finite, sync_folder, write_bytes, write_json
from foveate.model_file import Card, Tensors, load_weights, read_model_file, save_model

_KEEP: Final = 2


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
    """Write the training checkpoint of a step and drop all before it but one. Later ones stay.

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
    for old in sorted(each for each in steps_saved(folder) if each <= step)[:-_KEEP]:
        shutil.rmtree(folder / f"step-{old:08d}")
    return target


def steps_saved(folder: Path) -> set[int]:
    """The steps of which a folder holds complete training checkpoints."""
    names = (path.name.removeprefix("step-") for path in folder.glob("step-*"))
    return {int(name) for name in names if name.isdecimal() and len(name) >= 8}


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
    tensors, stored = read_model_file(file)
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


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) < 80 else text[:77] + "..."
