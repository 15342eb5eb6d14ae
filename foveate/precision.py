"""Which device, and which arithmetic on it."""

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

from foveate.errors import RecipeError

Precision = Literal["float32", "bf16"]


def choose_device(name: str = "auto") -> torch.device:
    """``auto`` takes the first CUDA device if there is one, else the CPU.

    Raises:
        RecipeError: no such device here.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise RecipeError(f"there is no device {name!r} here", remedy="Use --device auto, cpu or cuda.") from error
    return device


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Matrix products and convolutions in bfloat16, or nothing for float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bf16" else nullcontext()
