"""What does sampling class centres save, in time and in memory, and how does it grow with the number of classes?

    python benchmarks/partial_fc.py [--repeats 5] [--out benchmarks/results]

The head alone, on two ranks (gloo) of one thread: embeddings of 512 numbers in, gradients and updated centres out, for
10^4, 10^5 and 10^6 classes, all centres against a sample of a tenth. Each case runs in processes of its own, because
the memory a process has taken at most is known once only: what stands above weights and momentum is counted.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from foveate import distributed
from foveate.bench.question import Settings, ask, ratio
from foveate.bench.timing import Comparison, Durations
from foveate.heads.partial_fc import PartialFC
from foveate.memory import keep_freed_memory, peak_memory

QUESTION = "What does sampling class centres save, and how does it grow with the number of classes?"
CLASSES = (10_000, 100_000, 1_000_000)
SAMPLES = (1.0, 0.1)
EMBEDDING = 512


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Every case in turn; the seconds of a case are those of its slower rank."""
    found: dict[str, Durations] = {}
    memory: dict[str, float] = {}
    for classes in CLASSES:
        for sample in SAMPLES:
            name = f"{classes:,} classes, {'all' if sample == 1 else f'{sample:.0%} of them'}"
            ranks = _run(classes, sample, settings, folder)
            slower = [max(pair) for pair in zip(*(rank["seconds"] for rank in ranks), strict=True)]
            found[name] = Durations(tuple(slower), settings.batch, (0,) * len(slower))
            memory[name] = max(rank["bytes"] for rank in ranks) / 2**20
            sys.stderr.write(f"{name}: {found[name].median:.3f} s, {memory[name]:.0f} MiB\n")
    compared, pairs = Comparison(found), list(zip(list(found)[::2], list(found)[1::2], strict=True))
    return {
        "of": f"heads of {EMBEDDING} numbers, batch {settings.batch}, two ranks",
        "unit": "images/s",
        "durations": compared.to_json(),
        "ratios": [ratio(compared, whole, sampled, target=1 / 0.3) for whole, sampled in pairs],
        "mebibytes_above_weights_and_momentum": memory,
        "share_of_time": {sampled: found[sampled].median / found[whole].median for whole, sampled in pairs},
        "share_of_memory": {sampled: memory[sampled] / memory[whole] for whole, sampled in pairs},
    }


def _run(classes: int, sample: float, settings: Settings, folder: Path) -> list[dict[str, Any]]:
    case = json.dumps([classes, sample, settings.batch, settings.repeats, str(folder)])
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", __file__]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "FOVEATE_CASE": case}
    subprocess.run(command, env=environment, check=True)
    return [json.loads((folder / f"rank-{rank}.json").read_text()) for rank in range(2)]


def work(classes: int, sample: float, batch: int, repeats: int, folder: str) -> None:
    """One rank of one case."""
    keep_freed_memory()
    with distributed.joined():
        torch.manual_seed(0)
        head, rows = PartialFC(EMBEDDING, classes, sample=sample), batch // distributed.size()
        head.velocity.fill_(0.0)  # its pages are there before the memory is read
        before = _resident()
        seconds = []
        for step in range(repeats + 2):
            torch.manual_seed(step)
            embedding, label = torch.randn(rows, EMBEDDING, requires_grad=True), torch.randint(classes, (rows,))
            dist.barrier()
            start = time.perf_counter()
            head(embedding, label).loss.backward()
            head.update(rate=0.1, momentum=0.9, decay=5e-4)
            dist.barrier()
            seconds.append(time.perf_counter() - start)
        answer = {"seconds": seconds[2:], "bytes": peak_memory() - before}
        (Path(folder) / f"rank-{distributed.rank()}.json").write_text(json.dumps(answer))


def _resident() -> int:
    """Bytes of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    if "FOVEATE_CASE" in os.environ:
        work(*json.loads(os.environ["FOVEATE_CASE"]))
    else:
        ask(Path(__file__).stem, QUESTION, measure)
