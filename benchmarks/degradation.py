"""How many times as fast do we degrade faces as the plain path, which takes one after the other?

    python benchmarks/degradation.py [--repeats 5] [--out benchmarks/results]

112 x 112 pixels down to 14 and up again, batch 32. Both paths start from decoded faces and end with sharp and degraded
views in the networks' value range.
"""

from pathlib import Path
from typing import Any

from foveate.bench.limits import measure_limits
from foveate.bench.plain_faces import plain_views
from foveate.bench.question import Settings, ask, ceiling, ratio
from foveate.bench.timing import Candidate
from foveate.bench.trial import batch_of
from foveate.degrade.preset import degradation
from foveate.views import Batch, FaceViews, Views

QUESTION = "How many times as fast do we degrade faces as the plain path?"


def measure(settings: Settings, _folder: Path) -> dict[str, Any]:
    """Plain, and ours under both presets, in turn."""
    limits = measure_limits(settings.place)
    batch = batch_of(settings.trial(), settings.batch)
    here = Batch(*(item.to(settings.place) for item in batch))
    released = FaceViews(degradation("released", ratio=(8,)), colour="bgr")
    paper = FaceViews(degradation("paper", ratio=(8,)))

    def plain() -> None:
        for number, face in enumerate(batch.images.numpy()):
            plain_views(face, side=14, mirrored=number % 2 == 0)

    def ours(views: FaceViews) -> Views:
        return views(here, seed=0, epoch=0)

    found = settings.compare(
        {
            "plain": Candidate(plain, settings.batch, keep_memory=False),
            "ours, preset released": Candidate(lambda: ours(released), settings.batch),
            "ours, preset paper": Candidate(lambda: ours(paper), settings.batch),
        }
    )
    flops = 2 * 2 * 3 * 112**3  # rows @ image @ columns, for three colours
    names = [name for name in found.durations if name != "plain"]
    return {
        "limits": limits.to_json(),
        "of": f"faces of 112 x 112 pixels, batch {settings.batch}",
        "unit": "images/s",
        "durations": found.to_json(),
        "ratios": [ratio(found, "plain", name) for name in names],
        "ceilings": [
            ceiling(name, found.durations[name].rate, limits.float32 / flops, "float32 matrix rate") for name in names
        ],
    }


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure)
