"""foveate plan RECIPE: time, memory and cost of a full-scale run, before it is begun."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import tyro

from foveate.cluster import Cluster
from foveate.commands.terminal import answer, console

LAYOUTS: Final = {
    "whole": "all centres on each GPU",
    "sharded": "centres sharded over the GPUs",
    "sampled": "{}a share of {:g} sampled",
}


def plan(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    flags = tyro.cli(Flags, prog="foveate plan", args=list(arguments))
    if flags.check:
        check(flags)
    else:
        predict(flags)


@dataclass(frozen=True)
class Flags:
    """Predict a run from counted operations and bytes, and from the data sheet of a GPU (docs/planning.md).

    Attributes:
        recipe: a recipe's name.
        set: a public training set, for the number of images and identities.
        images: of the training set, in place of the set's.
        identities: of the training set, in place of the set's.
        epochs: in place of the scale's.
        batch: faces a step on each GPU, in place of the scale's.
        sampling: share of the class centres a sampled head looks at.
        scale: "full" is the paper's size, "small" fits two CPU cores.
        depth: of the IResNet, in place of the scale's.
        preset: "paper" or "released".
        cluster: on what.
        check: instead, measure this machine and one short training on its CPU, and compare with the prediction.
        check_batch: faces a step of the check.
        repeats: of the check.
        json: print the numbers as JSON.
    """

    recipe: tyro.conf.Positional[str] = "askd"
    set: Literal["casia", "ms1mv2", "webface42m", "imagenet"] = "casia"
    images: int | None = None
    identities: int | None = None
    epochs: int | None = None
    batch: int | None = None
    sampling: float = 0.1
    scale: Literal["full", "small"] = "full"
    depth: int | None = None
    preset: Literal["paper", "released"] = "paper"
    cluster: Annotated[Cluster, tyro.conf.OmitArgPrefixes] = Cluster()
    check: bool = False
    check_batch: int = 16
    repeats: int = 3
    json: Annotated[bool, tyro.conf.arg(name="json")] = False


def predict(flags: Flags) -> None:
    """Plan a run and print it."""
    from foveate.job import DATA_SETS, Job
    from foveate.plan import plan as make_plan

    trial = _trial(flags)
    named = DATA_SETS[flags.set]
    job = Job(
        images=_or(flags.images, named.images),
        identities=_or(flags.identities, named.identities),
        epochs=_or(flags.epochs, trial.scale.epochs),
        batch=_or(flags.batch, trial.scale.batch),
        sampling=flags.sampling,
    )
    found = make_plan(flags.recipe, trial, job, flags.cluster).to_json()
    answer(found, as_json=flags.json, text=words(found))


def check(flags: Flags) -> None:
    """Predict a short training on this CPU, measure it, and print both."""
    import tempfile

    from foveate.bench.check import check as measure

    with tempfile.TemporaryDirectory() as folder, console.status("") as status:
        found = measure(
            flags.recipe,
            _trial(flags),
            Path(folder),
            batch=flags.check_batch,
            repeats=flags.repeats,
            tell=lambda text: status.update(text),
        ).to_json()
    answer(found, as_json=flags.json, text=checked_words(found, flags))


def checked_words(found: dict[str, Any], flags: Flags) -> str:
    """Prediction, measurement and error as text."""
    limits, precision = found["limits"], found["precision"]
    return (
        f"limits: {limits[precision] / 1e9:,.0f} GFLOP/s in {precision}, "
        f"{max(limits['copy'], limits['triad']) / 1e9:,.1f} GB/s\n"
        f"share of them reached by {found['learnt_on']}: {found['utilisation']:.2f}\n"
        f"a step of {flags.recipe}, batch {flags.check_batch}: predicted {found['predicted']:.3f} s, "
        f"measured {found['measured']:.3f} s ({found['least']:.3f} to {found['most']:.3f})\n"
        f"error of the prediction: {100 * found['error']:+.0f} %"
    )


def words(found: dict[str, Any]) -> str:
    """The plan as text."""
    from foveate.bench.columns import columns

    job, cluster = found["job"], found["cluster"]
    parts = ", ".join(f"{name} {value:,.1f}" for name, value in found["gflops"].items() if value >= 0.05)
    layouts = found["layouts"]
    sharded = "sharded, " if cluster["gpus"] > 1 else ""
    rows = [["", *(LAYOUTS[item["name"]].format(sharded, job["sampling"]) for item in layouts)]]
    for name, key, form in (
        ("GFLOP an image, head", "head_gflops", "{:,.2f}"),
        ("images/s, all GPUs", "images_per_second", "{:,.0f}"),
        ("hours", "hours", "{:,.1f}"),
        ("GPU hours", "gpu_hours", "{:,.1f}"),
        (f"cost, at {cluster['price']:g} for a GPU and hour", "cost", "{:,.0f}"),
    ):
        rows.append([name, *(form.format(item[key]) for item in layouts)])
    for use in layouts[0]["memory_gb"]:
        rows.append([f"GB on a GPU, {use}", *(f"{item['memory_gb'][use]:,.2f}" for item in layouts)])
    rows.append([f"fits into {cluster['memory_gb']:g} GB", *(item["fits"] for item in layouts)])
    head = [
        f"{found['recipe']}: {job['images']:,} images of {job['identities']:,} identities, {job['epochs']} epochs, "
        f"batch {job['batch']} on each of {cluster['gpus']} GPU{'s' * (cluster['gpus'] > 1)}",
        f"{cluster['peak_tflops']:g} TFLOP/s, {cluster['bandwidth']:g} GB/s, {cluster['memory_gb']:g} GB each; "
        f"a step reaches {cluster['utilisation']:g} of both limits",
        f"GFLOP an image: {parts}",
        "",
    ]
    return "\n".join([*head, columns(rows)])


def _trial(flags: Flags) -> Any:
    from typing import get_type_hints

    from foveate.bench.trial import Trial
    from foveate.discover import recipe

    scale = get_type_hints(recipe(flags.recipe))["task"].scales[flags.scale]
    return Trial(scale if flags.depth is None else dataclasses.replace(scale, depth=flags.depth), flags.preset)


def _or(given: int | None, otherwise: int) -> int:
    return otherwise if given is None else given
