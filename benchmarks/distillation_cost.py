"""How much longer is an A-SKD training step than one of plain ArcFace, both on our path?

    python benchmarks/distillation_cost.py [--repeats 5] [--out benchmarks/results]

The recipes askd and base with IResNet-50 and CBAM, 112 x 112 pixels, batch 32, preset paper.
"""

from pathlib import Path
from typing import Any

from foveate.bench.fast import cache_of, fast_step, fast_steps
from foveate.bench.limits import measure_limits
from foveate.bench.question import Settings, ask, ceiling, ratio
from foveate.bench.timing import Candidate
from foveate.bench.trial import batch_of, experiment
from foveate.flops import training_work

QUESTION = "How much longer is an A-SKD training step than one of plain ArcFace, both on our path?"


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """All steps in turn. The three students share one teacher and one batch, so their step has 32 images, too."""
    limits = measure_limits(settings.place)
    trial, size = settings.trial("paper"), settings.batch
    batch = batch_of(trial, size)
    made = {name: experiment(name, trial, folder / name) for name in ("base", "askd")}
    flops = {
        name: training_work(one.objective, one.teacher, size=one.size, batch=size).flops for name, one in made.items()
    }
    place = settings.place
    steps = {name: fast_step(one, batch, device=place) for name, one in made.items()}
    kept, three = (experiment("askd", trial, folder / name) for name in ("kept", "three"))
    steps["askd, teacher cached"] = fast_step(
        kept, batch, teacher=cache_of(kept, size, folder, device=place), device=place
    )
    others = [experiment("askd", trial, folder / f"student {number}") for number in (2, 3)]
    steps["three askd students"] = fast_steps([three, *others], batch, device=place)
    found = settings.compare({name: Candidate(step, size) for name, step in steps.items()})
    rates = {name: durations.rate for name, durations in found.durations.items()}
    return {
        "limits": limits.to_json(),
        "unit": "images/s",
        "durations": found.to_json(),
        "ratios": [
            ratio(found, "askd", "base", target=1.25, at_most=True),
            ratio(found, "askd, teacher cached", "base", target=1.05, at_most=True),
            ratio(found, "three askd students", "base", target=3.3, at_most=True),
        ],
        "ceilings": [ceiling(name, rates[name], size * limits.bf16 / flops[name], "bf16 matrix rate") for name in made],
        "gflops": {name: value / size / 1e9 for name, value in flops.items()},
    }


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure)
