"""Which share of the machine's measured bf16 matrix rate does the training step reach, and what eats the rest?

    python benchmarks/matrix_rate.py [--repeats 5] [--out benchmarks/results]

The recipe base with IResNet-50 and CBAM, 112 x 112 pixels, batch 32, preset paper; then one more step under PyTorch's
profiler, which itself takes time: its shares count, its seconds do not.
"""

from pathlib import Path
from typing import Any

from foveate.bench.fast import fast_step
from foveate.bench.limits import measure_limits
from foveate.bench.profile import profile
from foveate.bench.question import Settings, ask, ceiling
from foveate.bench.timing import Candidate
from foveate.bench.trial import batch_of, experiment
from foveate.flops import training_work

QUESTION = "Which share of the machine's measured bf16 matrix rate does the training step reach?"


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """One step again and again, then once under the profiler."""
    limits = measure_limits(settings.place)
    trial, size = settings.trial("paper"), settings.batch
    made = experiment("base", trial, folder / "base")
    work = training_work(made.objective, made.teacher, size=made.size, batch=size)
    step = fast_step(made, batch_of(trial, size), device=settings.place)
    found = settings.compare({"base": Candidate(step, size)})
    most = size * limits.bf16 / work.flops
    return {
        "limits": limits.to_json(),
        "unit": "images/s",
        "durations": found.to_json(),
        "ceilings": [ceiling("base", found.durations["base"].rate, most, "bf16 matrix rate") | {"target": 0.65}],
        "gflops": work.flops / size / 1e9,
        "moved_mb": work.moved / size / 1e6,
        "profile": profile(step, settings.place),
    }


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure)
