"""Which device, and which arithmetic on it."""

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

from foveate.errors import RecipeError

Precision = Literal["float32", "bf16"]
Asked = Literal["auto", "bf16", "float32"]


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


def choose_precision(asked: Asked = "auto", device: torch.device | None = None) -> Precision:
    """``auto`` takes bfloat16 where it is the faster one: on GPUs that have it and processors with AMX, else float32.

    Where a processor emulates it (AVX2 alone), a product of matrices took fifty times as long as in float32. With
    AVX512-BF16 but no AMX, the small network trained on 122 faces a second in bfloat16 and on 160 in float32.

    Args:
        asked: what the user wants.
        device: where it is computed; by default the one that ``choose_device`` takes.
    """
    if asked != "auto":
        return asked
    return "bf16" if _is_fast_in_bf16(device or choose_device()) else "float32"


def _is_fast_in_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    if hasattr(torch.cpu, "get_capabilities"):
        return bool(torch.cpu.get_capabilities().get("amx_bf16"))
    return torch.cpu._is_amx_tile_supported()


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Matrix products and convolutions in bfloat16, or nothing for float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bf16" else nullcontext()
