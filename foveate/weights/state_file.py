"""Weights that another project has saved, and nothing else: no code of the file is ever run."""

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from foveate.errors import CheckpointError

CONTAINERS: Final = ("net_state_dict", "state_dict", "state_dict_backbone", "model_state_dict", "model", "backbone")
"""Names under which checkpoints hold the weights beside other things."""

_ZIP: Final = b"PK\x03\x04"
"""How torch.save's files of today begin; older ones are pickles."""

_GLOBAL: Final = re.compile(r"(?:GLOBAL|class|function) ([\w.]+)")


def read_state(file: Path) -> dict[str, Tensor]:
    """Read named tensors from a .safetensors file, or from what ``torch.save`` wrote, whatever it is called.

    Args:
        file: holds a state dictionary, or a dictionary that holds one under a name of ``CONTAINERS``.

    Returns:
        The tensors, on the CPU, as they were stored.

    Raises:
        CheckpointError: the file is missing, damaged, wants code to be run, or holds no named tensors.
    """
    if not file.is_file():
        raise CheckpointError(
            "there is no such file", file=file, remedy="Name a .pth, .pt, .ckpt or .safetensors file."
        )
    content = _safetensors(file) if file.suffix.lower() == ".safetensors" else _pickled_tensors(file)
    state = _inside(content)
    if not state:
        shown = ", ".join(map(str, list(content)[:5])) if isinstance(content, Mapping) else type(content).__name__
        problem = f"it holds no dictionary of named tensors, but {shown or 'nothing'}"
        raise CheckpointError(problem, file=file, remedy="Save the network's state_dict() with torch.save.")
    strange = next((name for name, value in state.items() if not isinstance(value, Tensor)), None)
    if strange is not None:
        problem = f"{strange!r} is no tensor, but {type(state[strange]).__name__}"
        raise CheckpointError(problem, file=file, remedy="Save the network's state_dict() alone.")
    return dict(state)


def _safetensors(file: Path) -> Any:
    try:
        return load_file(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"the file is damaged ({error})", file=file, remedy="Get it from its source again."
        ) from error


def _pickled_tensors(file: Path) -> Any:
    """What ``torch.save`` wrote, if it is made of tensors, numbers, texts, lists and dictionaries alone."""
    # A pickle can claim strings of gigabytes, for which a file makes room before it reads; bytes in memory do not.
    with file.open("rb") as opened:
        zipped = opened.read(len(_ZIP)) == _ZIP
    source = file if zipped else io.BytesIO(file.read_bytes())
    try:
        return torch.load(source, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # the reader fails in as many ways as there are damaged files
        wanted = _GLOBAL.search(str(error))
        if wanted is not None:
            problem = f"it wants {wanted[1]} to be run, and a file of weights must hold no code"
            remedy = "If you trust its source, load it there and save its state_dict() alone, best as .safetensors."
            raise CheckpointError(problem, file=file, remedy=remedy) from None
        # PyTorch's advice to load it in another way would run the code that the file may hold.
        told = str(error).strip().split("\n")[0]
        reason = type(error).__name__ if "weights_only" in told or not told else told[:200]
        problem = f"it is no file of torch.save, or a damaged one ({reason})"
        raise CheckpointError(problem, file=file, remedy="Get it from its source again.") from error


def _inside(content: Any) -> Mapping[str, Any]:
    """The state dictionary of a checkpoint: itself, or the first container in it; empty where there is none."""
    if not isinstance(content, Mapping) or not all(isinstance(name, str) for name in content):
        return {}
    inner = next((content[name] for name in CONTAINERS if isinstance(content.get(name), Mapping)), None)
    if inner is not None:  # tensors beside it are a best loss, an epoch
        return _inside(inner)
    return content if any(isinstance(value, Tensor) for value in content.values()) else {}
