"""Do two ranks of one thread train as fast as one process of two threads?

    python benchmarks/ranks.py [--repeats 5] [--depth 50] [--out benchmarks/results]

Whole processes in turn: ``foveate train base`` on drawn faces, alone with two threads, and under torchrun with two
ranks (gloo) of one thread each. The rate is the one of the log, after the first steps, so starting up does not count.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from foveate.bench.question import Settings, ask, ratio
from foveate.bench.timing import Comparison, Durations
from foveate.data.synthesise import synthesise

QUESTION = "Do two ranks of one thread train as fast as one process of two threads?"
STEPS = 12
"""Of a run; the first four do not count."""


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Both in turn, as often as there are repeats."""
    people = max(2, STEPS * settings.batch // 8)
    synthesise(folder / "faces", identities=people, images=8, test_identities=20)
    (folder / "faces/drawn_held.bin").unlink()
    rates: dict[str, list[float]] = {"one process, two threads": [], "two ranks, one thread each": []}
    for _ in range(settings.repeats):
        for name, found in rates.items():
            found.append(_rate(settings, folder, 2 if name.startswith("two") else 1))
            sys.stderr.write(f"{name}: {found[-1]:.1f} images/s\n")
    seconds = {name: tuple(settings.batch / rate for rate in found) for name, found in rates.items()}
    compared = Comparison(
        {name: Durations(each, settings.batch, (0,) * settings.repeats) for name, each in seconds.items()}
    )
    both = ratio(compared, "one process, two threads", "two ranks, one thread each", target=0.9)
    return {"unit": "images/s", "durations": compared.to_json(), "ratios": [both]}


def _rate(settings: Settings, folder: Path, ranks: int) -> float:
    """Images a second of one run, by the median of its log."""
    shutil.rmtree(folder / "run", ignore_errors=True)
    sizes = {"depth": settings.depth, "width": settings.width, "stem-stride": settings.stem_stride}
    sizes |= {"batch": settings.batch, "epochs": 1, "reduction": settings.scale.reduction}
    flags = [
        "--data",
        folder / "faces",
        "--out",
        folder / "run",
        "--hold-out",
        0,
        "--schedule",
        "cosine",
        "--log-every",
        1,
    ]
    flags += [word for name, value in sizes.items() for word in (f"--{name}", value)]
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", ranks] if ranks > 1 else []
    command = [sys.executable, *launch, "-m", "foveate", "train", "base", *flags]
    environment = {**os.environ, "OMP_NUM_THREADS": str(2 // ranks)}
    subprocess.run([str(word) for word in command], env=environment, check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in (folder / "run/log.jsonl").read_text().splitlines()]
    rates = [line["images_per_second"] for line in lines if "loss" in line]
    return statistics.median(rates[4:])


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure)
