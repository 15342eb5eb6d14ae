"""What a computation spends its time on: self time by operator, from PyTorch's profiler."""

from collections.abc import Callable
from typing import Any, Final

import torch
from torch.profiler import ProfilerActivity
from torch.profiler import profile as recording

from foveate.memory import keep_freed_memory

SHOWN: Final = 30
"""Operators told apart; the others are added up."""


def profile(call: Callable[[], object], device: torch.device) -> list[dict[str, Any]]:
    """One call under the profiler, freed memory kept.

    Returns:
        For each operator its name, its calls, its own seconds (on the GPU, if that is the device) and its share of all;
        the largest first, the small ones together at the end.
    """
    keep_freed_memory()
    cuda = device.type == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]
    call()
    with recording(activities=activities) as recorded:
        call()
    found = [
        (item.key, item.count, (item.self_device_time_total if cuda else item.self_cpu_time_total) / 1e6)
        for item in recorded.key_averages()
    ]
    found = sorted((item for item in found if item[2] > 0), key=lambda item: -item[2])
    total = sum(seconds for _, _, seconds in found)
    rest = found[SHOWN:]
    if rest:
        found = [*found[:SHOWN], ("all others", sum(calls for _, calls, _ in rest), sum(s for _, _, s in rest))]
    return [
        {"operator": name, "calls": calls, "seconds": seconds, "share": seconds / total}
        for name, calls, seconds in found
    ]
