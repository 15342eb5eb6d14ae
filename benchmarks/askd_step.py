"""How many times as fast is our A-SKD training step as the plain path, which does what the released code does?

    python benchmarks/askd_step.py [--repeats 5] [--out benchmarks/results]

IResNet-50 with CBAM, 112 x 112 pixels, batch 32. Both paths start from decoded faces and end with updated weights.
"""

from functools import partial
from pathlib import Path
from typing import Any

from foveate.bench.apart import Apart
from foveate.bench.fast import cache_of, fast_step
from foveate.bench.limits import measure_limits
from foveate.bench.plain import plain_step_of
from foveate.bench.question import Settings, ask, ceiling, ratio
from foveate.bench.timing import Candidate
from foveate.bench.trial import batch_of, experiment
from foveate.flops import training_work

QUESTION = "How many times as fast is our A-SKD training step as the plain path?"


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Plain and ours in turn; both learn under the preset `released`, ours under `paper` too.

    The plain step runs three times: in this process with the C library's own allocator, where it still finds some of
    the memory our path left free; in a process of its own, as the released code; here with freed memory kept, as ours.
    """
    limits = measure_limits(settings.place)
    trial, place, size = settings.trial(), settings.place, settings.batch
    batch = batch_of(trial, size)
    released = experiment("askd", trial, folder / "released")
    paper = experiment("askd", settings.trial("paper"), folder / "paper")
    kept = experiment("askd", trial, folder / "kept")
    work = training_work(released.objective, released.teacher, size=released.size, batch=size)
    make = partial(plain_step_of, trial, size, distil=True, device=str(place))
    plain = make()
    with Apart(make) as apart:
        found = settings.compare(
            {
                "plain": Candidate(plain, size, keep_memory=False),
                "plain, process of its own": Candidate(apart, size),
                "plain, freed memory kept": Candidate(plain, size),
                "ours": Candidate(fast_step(released, batch, device=place), size),
                "ours, preset paper": Candidate(fast_step(paper, batch, device=place), size),
                "ours, teacher cached": Candidate(
                    fast_step(kept, batch, teacher=cache_of(kept, size, folder, device=place), device=place), size
                ),
            }
        )
    most = size * limits.bf16 / work.flops
    rates = {name: durations.rate for name, durations in found.durations.items()}
    return {
        "limits": limits.to_json(),
        "unit": "images/s",
        "durations": found.to_json(),
        "ratios": [
            ratio(found, "plain", "ours", target=2.2),
            ratio(found, "plain, process of its own", "ours", target=2.2),
            ratio(found, "plain, freed memory kept", "ours"),
            ratio(found, "plain", "ours, teacher cached", target=2.7),
            ratio(found, "plain, process of its own", "ours, teacher cached", target=2.7),
            ratio(found, "plain", "ours, preset paper", target=2.2),
        ],
        "ceilings": [ceiling("ours", rates["ours"], most, "bf16 matrix rate", over=("plain", rates["plain"]))],
        "gflops": work.flops / size / 1e9,
    }


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure)
