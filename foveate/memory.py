"""Keep freed memory: on Linux the first touch of fresh pages costs more than the arithmetic done in them.

The C library hands blocks of more than some MB back to the system as soon as they are freed. A network's activations
are such blocks, made and freed anew in every step, and the system clears every page of them again: elementwise
operations on large activations then take many times as long as reading and writing them would.
"""

import ctypes
import sys
from pathlib import Path
from typing import Final

# From malloc.h of the GNU C library; see mallopt(3).
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_MMAP_MAX: Final = -4


def keep_freed_memory(keep: bool = True) -> bool:
    """Let this process keep the memory it frees for its next allocations, or hand it back again.

    Args:
        keep: False restores the C library's own way, at the largest threshold it would have adapted itself to.

    Returns:
        Whether the C library understood; with another one than GNU's nothing changes.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    if keep:
        return bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, 2**31 - 1))
    threshold = 32 * 2**20
    restored = mallopt(_MMAP_MAX, 65536), mallopt(_MMAP_THRESHOLD, threshold), mallopt(_TRIM_THRESHOLD, 2 * threshold)
    return all(restored)


def peak_memory() -> int:
    """Bytes that this process has had in memory at most, on Linux.

    ``getrusage`` would begin with the peak of the process that started this one.
    """
    lines = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024
