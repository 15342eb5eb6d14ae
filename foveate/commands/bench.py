"""foveate bench: how fast this machine is, and how much of that a recipe reaches."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from foveate.commands.terminal import answer, console


def bench(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    run(tyro.cli(Flags, prog="foveate bench", args=list(arguments)))


@dataclass(frozen=True)
class Flags:
    """Measure this machine's limits, then training, inference, degradation, loading, evaluation and search.

    Each is given as a rate, as a share of the machine's limit, and as a ratio to the plain path: what the paper's
    released code does. Nothing is needed but the package, which draws the faces. Leave the machine alone meanwhile.

    Attributes:
        recipe: whose training step is measured, beside the recipe base.
        scale: "full" is the paper's size, "small" fits two CPU cores.
        depth: of the IResNet, in place of the scale's.
        preset: "paper" or "released".
        batch: faces a step.
        classes: identities of the head; 10,572 as in CASIA-WebFace.
        repeats: of each measurement; the rate is that of the median.
        pairs: of the verification, a multiple of twenty.
        gallery: embeddings searched through.
        precision: of training and inference: bf16 autocast, float32, or auto: bf16 where the device is faster in it.
        device: auto, cpu, cuda, ...
        quick: one repeat of everything, limits measured in haste; for a first look only.
        out: also write the numbers to this JSON file, with machine, versions and date.
        json: print the numbers as JSON.
    """

    recipe: str = "askd"
    scale: Literal["full", "small"] = "full"
    depth: int | None = None
    preset: Literal["paper", "released"] = "paper"
    batch: int = 32
    classes: int = 10_572
    repeats: int = 5
    pairs: int = 200
    gallery: int = 100_000
    precision: Literal["auto", "bf16", "float32"] = "auto"
    device: str = "auto"
    quick: bool = False
    out: Path | None = None
    json: Annotated[bool, tyro.conf.arg(name="json")] = False


def run(flags: Flags) -> None:
    """Measure, print, write."""
    import tempfile

    from foveate.bench.measure import Effort, measure
    from foveate.bench.trial import Trial
    from foveate.files import finite, write_json
    from foveate.precision import choose_device, choose_precision
    from foveate.scale import SCALES

    scale = SCALES[flags.scale]
    scale = scale if flags.depth is None else dataclasses.replace(scale, depth=flags.depth)
    device = choose_device(flags.device)
    effort = Effort(
        batch=flags.batch,
        repeats=1 if flags.quick else flags.repeats,
        pairs=flags.pairs,
        gallery=flags.gallery,
        precision=choose_precision(flags.precision, device),
        quick=flags.quick,
    )
    trial = Trial(scale, flags.preset, classes=flags.classes, drawn=min(flags.batch, flags.classes))
    with tempfile.TemporaryDirectory() as folder, console.status("") as status:
        found = measure(
            flags.recipe,
            trial,
            effort,
            Path(folder),
            device=device,
            tell=lambda text: status.update(text) if console.is_terminal else console.print(text, markup=False),
        ).to_json()
    if flags.out is not None:
        write_json(flags.out, found)
    answer(finite(found), as_json=flags.json, text=words(found))


def words(found: dict[str, Any]) -> str:
    """What was measured, as text."""
    from foveate.bench.columns import columns

    limits, machine = found["limits"], found["machine"]
    lines = [
        f"{machine['gpu'] if limits['device'].startswith('cuda') else machine['processor']}, "
        f"{limits['threads']} threads, PyTorch {found['versions']['torch']}, {found['date']}",
        f"matrix product {limits['bf16'] / 1e9:,.0f} GFLOP/s in bf16, {limits['float32'] / 1e9:,.0f} in float32; "
        f"memory {max(limits['copy'], limits['triad']) / 1e9:,.1f} GB/s; "
        f"JPEG {limits['jpeg']:,.0f} faces/s with one thread",
        "",
    ]
    rows = [["", "rate", "", "range", "share", "of the limit", "over plain"]]
    for row in found["rows"]:
        plain = row["over_plain"]
        cells = [f"{row['rate']:,.1f}", row["unit"], f"{row['least']:,.1f} to {row['most']:,.1f}"]
        cells += [f"{100 * row['share']:.0f} %", row["limit"]]
        rows.append([row["name"], *cells, "" if plain is None else f"{plain['median']:.2f} x"])
    return "\n".join([*lines, columns(rows)])
