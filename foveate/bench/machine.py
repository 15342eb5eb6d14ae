"""What a measurement was made on, so that a number can be judged years later."""

import datetime
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import torch

from foveate import __version__
from foveate.files import finite


@final
@dataclass(frozen=True)
class Machine:
    """Attributes:
    processor: name of the CPU's model.
    cores: that this process may use.
    threads: of one PyTorch operation.
    memory_gb: of the machine, in 10^9 bytes; 0 where the system does not tell.
    gpu: name of the first CUDA device, or None.
    """

    processor: str
    cores: int
    threads: int
    memory_gb: float
    gpu: str | None


def this_machine() -> Machine:
    """What this process runs on."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return Machine(
        processor=_processor(),
        cores=len(allowed),
        threads=torch.get_num_threads(),
        memory_gb=round(pages / 1e9, 1),
        gpu=torch.cuda.get_device_name(0) if torch.cuda.is_available() else None,
    )


def stamp() -> dict[str, Any]:
    """Machine, versions and date (UTC), as JSON values: the head of every result."""
    system = {"python": platform.python_version(), "system": f"{platform.system()} {platform.release()}"}
    versions = {"foveate": __version__, "torch": torch.__version__, **system}
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    return finite({"date": now, "machine": asdict(this_machine()), "versions": versions})


def _processor(file: Path = Path("/proc/cpuinfo")) -> str:
    if file.exists():
        for line in file.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
