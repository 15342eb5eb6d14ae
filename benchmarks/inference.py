"""How many times as fast do we embed faces as the plain path?

    python benchmarks/inference.py [--repeats 5] [--out benchmarks/results]

IResNet-50 with CBAM, 112 x 112 pixels, batch 32, decoded and degraded before. The plain path is float32, contiguous.
"""

from pathlib import Path
from typing import Any

import torch

from foveate.bench.fast import fast_inference
from foveate.bench.limits import measure_limits
from foveate.bench.plain import plain_network
from foveate.bench.question import Settings, ask, ceiling, ratio
from foveate.bench.timing import Candidate
from foveate.bench.trial import batch_of, experiment
from foveate.flops import network_work

QUESTION = "How many times as fast do we embed faces as the plain path?"


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Plain, ours in float32 (as `foveate evaluate` computes), ours in bf16, in turn."""
    limits = measure_limits(settings.place)
    trial, place, size = settings.trial(), settings.place, settings.batch
    made = experiment("base", trial, folder / "base")
    network = made.objective.network.to(place)
    images = made.views.see(batch_of(trial, size).images).to(place)
    model = plain_network(trial).to(place).eval()

    @torch.no_grad()
    def plain() -> torch.Tensor:
        return model(images)

    found = settings.compare(
        {
            "plain": Candidate(plain, size, keep_memory=False),
            "ours, float32": Candidate(fast_inference(network, images, precision="float32"), size),
            "ours, bf16": Candidate(fast_inference(network, images), size),
        }
    )
    flops = network_work(network, size=made.size, batch=size, backward=False).flops / size
    rates = {name: durations.rate for name, durations in found.durations.items()}
    return {
        "limits": limits.to_json(),
        "unit": "images/s",
        "durations": found.to_json(),
        "ratios": [ratio(found, "plain", name) for name in ("ours, float32", "ours, bf16")],
        "ceilings": [
            ceiling("ours, float32", rates["ours, float32"], limits.float32 / flops, "float32 matrix rate"),
            ceiling("ours, bf16", rates["ours, bf16"], limits.bf16 / flops, "bf16 matrix rate"),
        ],
        "gflops": flops / 1e9,
    }


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure)
