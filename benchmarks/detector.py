"""What does a detector cost, in all and in its parts?

    python benchmarks/detector.py [--repeats 5] [--out benchmarks/results]

TinaFace with CBAM, GroupNorm and deformable convolutions (depth and width are flags) sees one photo of 640 x 640 pixels
in float32, on weights that were drawn: as far as the backbone, as far as the pyramid, to its answers, and to boxes. The
small one is that of 'foveate train widerface_... --scale small', at the same size. A training step is a batch of one
with its gradients and SGD, in bfloat16 where the processor multiplies it, in a process of its own, whose memory is what
it takes above its libraries and weights. Operations are counted (foveate/flops.py), a multiply-add as two.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from foveate.bench.question import Settings, ask, ratio
from foveate.bench.timing import Candidate
from foveate.detect.anchors import anchors, level_sides
from foveate.detect.criterion import Detection
from foveate.detect.decoding import EVALUATED
from foveate.detect.losses import Raw
from foveate.detect.tinaface import TinaFace
from foveate.detection_scale import FULL, SMALL, DetectionScale
from foveate.detection_task import DetectionTask
from foveate.flops import network_work
from foveate.memory import keep_freed_memory, peak_memory
from foveate.precision import autocast, choose_precision

QUESTION = "What does a detector cost, in all and in its parts?"
SIDE = 640
STEPS = 3


class _UpTo(nn.Module):
    """A detector as far as its backbone or its pyramid."""

    def __init__(self, network: TinaFace, *, pyramid: bool) -> None:
        super().__init__()
        self.network, self._pyramid = network, pyramid

    def forward(self, images: Tensor) -> Tensor:
        x, features = self.network.stem(images), []
        for stage in ("stage1", "stage2", "stage3", "stage4"):
            x = self.network.get_submodule(stage)(x)
            features.append(x)
        return self.network.pyramid(features)[0] if self._pyramid else x


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Each part with all before it, in turn; then a training step by itself."""
    large, small = full(settings.depth, settings.width).eval(), little().eval()
    photo, at = torch.randn(1, 3, SIDE, SIDE) * 60, anchors(level_sides(SIDE, SIDE))
    parts = {
        "backbone": _UpTo(large, pyramid=False),
        "backbone and pyramid": _UpTo(large, pyramid=True),
        "whole network": large,
        "small network": small,
    }
    answers = large(photo).detach()

    def run(module: nn.Module) -> Callable[[], object]:
        return torch.inference_mode()(lambda: module(photo))

    calls = {name: Candidate(run(module)) for name, module in parts.items()}
    calls["answers to boxes"] = Candidate(torch.inference_mode()(lambda: EVALUATED(Raw.of(answers), at)))
    found = settings.compare(calls)
    work = {name: network_work(module, size=SIDE, batch=1, backward=False) for name, module in parts.items()}
    step = _step(settings, folder)
    counted = ", ".join(f"{name} {each.flops / 1e9:,.1f}" for name, each in work.items())
    memory = ", ".join(f"{name} {each.peak / 2**20:,.0f}" for name, each in work.items())
    weights = [sum(value.numel() for value in network.parameters()) for network in (large, small)]
    return {
        "of": f"TinaFace with ResNet-{settings.depth}, width {settings.width}",
        "unit": "photos/s",
        "durations": found.to_json(),
        "ratios": [
            ratio(found, "whole network", "backbone"),
            ratio(found, "whole network", "small network"),
            ratio(found, "whole network", "answers to boxes"),
        ],
        "gflops": {name: each.flops / 1e9 for name, each in work.items()},
        "training_step": step,
        "remarks": [
            f"10^9 operations for a photo of {SIDE} x {SIDE} pixels: {counted}.",
            f"MiB alive at most besides weights and photo, counted: {memory}.",
            f"Parameters: whole network {weights[0]:,}, small network {weights[1]:,}.",
            f"A training step of the whole network, batch 1, {step['precision']}: {step['seconds']:.1f} s, "
            f"{step['mebibytes']:,.0f} MiB above libraries and weights, loss {step['losses'][0]:.3f}, "
            f"then {step['losses'][-1]:.3f} after {len(step['losses']) - 1} steps on the same photo.",
        ],
    }


def full(depth: int, width: int) -> TinaFace:
    """TinaFace as its paper has it, with CBAM."""
    return _made(replace(FULL, depth=depth, width=width, channels=4 * width))


def little() -> TinaFace:
    """That of the small scale."""
    return _made(SMALL)


def _made(scale: DetectionScale) -> TinaFace:
    torch.manual_seed(0)
    return DetectionTask(Path(), scale=scale).network().to(memory_format=torch.channels_last)


def _step(settings: Settings, folder: Path) -> dict[str, Any]:
    case = json.dumps([settings.depth, settings.width, str(folder / "step.json")])
    subprocess.run([sys.executable, __file__], env={**os.environ, "FOVEATE_CASE": case}, check=True)
    return json.loads((folder / "step.json").read_text())


def work(depth: int, width: int, file: str) -> None:
    """The process whose training steps are measured: one face in one photo, seen again and again."""
    keep_freed_memory()
    network, head = full(depth, width).train(), Detection(SIDE)
    optimiser = torch.optim.SGD(network.parameters(), lr=3.75e-3, momentum=0.9, weight_decay=5e-4)
    photo, face = torch.randn(1, 3, SIDE, SIDE) * 60, torch.tensor([[[200.0, 180.0, 280.0, 290.0]]])
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    seconds, losses, precision = [], [], choose_precision()
    for _ in range(STEPS):
        start = time.perf_counter()
        with autocast(torch.device("cpu"), precision):
            loss = head(network(photo.contiguous(memory_format=torch.channels_last)), face).loss
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimiser.step()
        seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
    found = {
        "precision": precision,
        "seconds": min(seconds),
        "mebibytes": (peak_memory() - before) / 2**20,
        "losses": losses,
    }
    Path(file).write_text(json.dumps(found))


if __name__ == "__main__":
    if "FOVEATE_CASE" in os.environ:
        work(*json.loads(os.environ["FOVEATE_CASE"]))
    else:
        ask(Path(__file__).stem, QUESTION, measure)
