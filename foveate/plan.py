"""What a full-scale run will take: time, memory and cost, from counted work and a machine's data sheet.

Legend: N classes, D embedding size.

docs/planning.md explains the formulas and what they leave out.
"""

import math
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, final

import torch
from torch import nn

from foveate.bench.flops import (
    BYTES_A_PARAMETER,
    SGD_PASSES,
    Work,
    head_work,
    network_work,
    parameter_bytes,
    training_work,
)
from foveate.bench.trial import Trial, experiment
from foveate.blueprint import build, describe
from foveate.errors import RecipeError
from foveate.experiment import Experiment
from foveate.heads.head import Head
from foveate.objective import Objective
from foveate.precision import Precision

UTILISATION: Final = 0.37
"""Share of a GPU's two limits that a training step reaches. Source: insightface's published rate of 4,385 images/s on 8
V100 (IResNet-50, fp16, batch 128 a GPU, 4 million identities of which a tenth is sampled; README of
recognition/arcface_torch, March 2021) over the time that this page's formula gives at the limits of the data sheet,
125 TFLOP/s and 900 GB/s. Four other rates of the same table give 0.31 to 0.43."""

ALLOWANCE: Final = 1.75
"""What a GPU should have over the bytes counted here: its context, workspaces, buckets of gradients, fragments. The
memory published in the same place is 1.35 to 1.72 times what is counted here."""


@final
@dataclass(frozen=True)
class Cluster:
    """GPUs of one kind; the defaults are one NVIDIA A100 with 80 GB (SXM) by its data sheet.

    Attributes:
        gpus: how many.
        peak_tflops: bf16 matrix products of one, in 10^12 operations a second, without sparsity.
        bandwidth: of its memory in 10^9 bytes a second.
        memory_gb: of one, in 10^9 bytes.
        utilisation: share of both limits that a step reaches.
        price: of one for an hour; the default is a round number, not an offer.
    """

    gpus: int = 1
    peak_tflops: float = 312.0
    bandwidth: float = 2039.0
    memory_gb: float = 80.0
    utilisation: float = UTILISATION
    price: float = 2.0

    def __post_init__(self) -> None:
        good = self.gpus >= 1 and min(self.peak_tflops, self.bandwidth, self.memory_gb) > 0 and self.price >= 0
        if not good or not 0 < self.utilisation <= 1:
            raise RecipeError(
                f"{_flags(self)} make no cluster", remedy="Give positive numbers, and a utilisation of at most 1."
            )


@final
@dataclass(frozen=True)
class Job:
    """What is to be trained.

    Attributes:
        images, identities: of the training set.
        epochs: passes over it.
        batch: faces a step on each GPU.
        sampling: share of the class centres that a step of a sampled head looks at (PartialFC).
        precision: of the networks.
    """

    images: int = 490_623
    identities: int = 10_572
    epochs: int = 20
    batch: int = 128
    sampling: float = 0.1
    precision: Precision = "bf16"

    def __post_init__(self) -> None:
        if self.identities < 2 or min(self.images, self.epochs, self.batch) < 1 or not 0 < self.sampling <= 1:
            raise RecipeError(
                f"{_flags(self)} make no job", remedy="Give positive numbers, and a share of at most 1 to sample."
            )


@final
@dataclass(frozen=True)
class DataSet:
    """Size of a public training set, and where the numbers stand."""

    images: int
    identities: int
    source: str


DATA_SETS: Final = {
    "casia": DataSet(490_623, 10_572, "faces_webface_112x112 of insightface: CASIA-WebFace, cleaned"),
    "ms1mv2": DataSet(5_800_000, 85_742, "insightface: MS1M-ArcFace; Deng et al., CVPR 2019"),
    "webface42m": DataSet(42_000_000, 2_000_000, "Zhu et al., CVPR 2021; rounded, as in its abstract"),
}


@final
@dataclass(frozen=True)
class Layout:
    """One way to lay out the class centres, and what the run then takes.

    Attributes:
        name: of the layout.
        head_gflops: of the head, for one image.
        step_seconds, images_per_second: of a step, and of all GPUs together.
        hours, gpu_hours, cost: of the run.
        memory_gb: on each GPU, in 10^9 bytes, by what it is for; ``total`` is their sum.
        fits: "yes"; "tight" where less than ``ALLOWANCE`` times the total is there; "no".
    """

    name: str
    head_gflops: float
    step_seconds: float
    images_per_second: float
    hours: float
    gpu_hours: float
    cost: float
    memory_gb: Mapping[str, float]
    fits: str


@final
@dataclass(frozen=True)
class Plan:
    """Attributes:
    recipe: that is planned.
    job, cluster: what was asked.
    gflops: for one image, by part, in 10^9 operations; the head is in ``layouts``.
    moved_mb: bytes moved for one image by all but products, by part, in 10^6.
    layouts: of the class centres: a copy on each GPU, sharded over them, sharded and sampled.
    """

    recipe: str
    job: Job
    cluster: Cluster
    gflops: Mapping[str, float]
    moved_mb: Mapping[str, float]
    layouts: tuple[Layout, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def _flags(values: Any) -> str:
    """A dataclass in the words of the command line."""
    return " ".join(f"--{name.replace('_', '-')} {value}" for name, value in asdict(values).items())


def plan(recipe: str, trial: Trial, job: Job, cluster: Cluster) -> Plan:
    """Plan the run of a recipe.

    Args:
        recipe: a file name in ``foveate/recipes``.
        trial: scale and preset; its faces only serve to build the recipe.
        job: what is to be trained.
        cluster: on what.

    Raises:
        RecipeError: a recipe that cannot be planned.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = experiment(recipe, trial, Path(folder))
    objective, teacher = made.objective, made.teacher
    objective.head = _with_classes(_head(made), job.identities)
    if teacher is not None and teacher.head is not None:
        teacher.head = _with_classes(teacher.head, job.identities)
    parts = _parts(made, job)
    layouts = [_layout(name, made, parts, job, cluster) for name in _names(objective, cluster)]
    return Plan(
        recipe=recipe,
        job=job,
        cluster=cluster,
        gflops={name: work.flops / job.batch / 1e9 for name, work in parts.items()},
        moved_mb={name: work.moved / job.batch / 1e6 for name, work in parts.items()},
        layouts=tuple(layouts),
    )


def _names(objective: Objective, cluster: Cluster) -> tuple[str, ...]:
    """Layouts there are: logits that are distilled must be whole, and one GPU has nobody to share with."""
    if objective.wants_logits:
        return ("whole",)
    return ("whole", "sharded", "sampled") if cluster.gpus > 1 else ("whole", "sampled")


def _parts(made: Experiment, job: Job) -> dict[str, Work]:
    """Work of a step on one GPU by part, without the head."""
    objective, teacher = made.objective, made.teacher
    batch, precision, size = job.batch, job.precision, made.size
    counted = {"student": network_work(objective.network, size=size, batch=batch, backward=True, precision=precision)}
    if teacher is not None:
        counted["teacher"] = network_work(teacher.network, size=size, batch=batch, backward=False, precision=precision)
    whole = training_work(objective, teacher, size=size, batch=batch, precision=precision)
    head = head_work(_head(made), batch=batch, precision=precision)
    optimiser = SGD_PASSES * parameter_bytes(objective)
    rest = {
        name: max(0, getattr(whole, name) - sum(getattr(part, name) for part in (*counted.values(), head)))
        for name in ("flops", "moved", "kept")
    }
    if teacher is not None:
        counted["distillation"] = Work(rest["flops"], max(0, rest["moved"] - optimiser), rest["kept"])
    counted["optimiser"] = Work(moved=optimiser - SGD_PASSES * parameter_bytes(objective.head))
    return counted


def _layout(name: str, made: Experiment, parts: Mapping[str, Work], job: Job, cluster: Cluster) -> Layout:
    shards = 1 if name == "whole" else cluster.gpus
    rows = math.ceil(job.identities / shards)
    scored = max(2, math.ceil(rows * job.sampling)) if name == "sampled" else rows
    head = _with_classes(_head(made), scored)
    # A sharded head sees the faces of all ranks.
    work = head_work(head, batch=job.batch * shards, precision=job.precision)
    work += Work(moved=SGD_PASSES * parameter_bytes(head))
    limits = (cluster.peak_tflops * 1e12, cluster.bandwidth * 1e9)
    step = sum(part.seconds(*limits) for part in (*parts.values(), work)) / cluster.utilisation
    steps = math.ceil(job.images / (job.batch * cluster.gpus)) * job.epochs
    hours = steps * step / 3600
    centres = rows * head.weight.shape[1] * BYTES_A_PARAMETER
    memory = _memory(made, parts, work, centres, parameter_bytes(head))
    return Layout(
        name=name,
        head_gflops=work.flops / job.batch / 1e9,
        step_seconds=step,
        images_per_second=job.batch * cluster.gpus / step,
        hours=hours,
        gpu_hours=hours * cluster.gpus,
        cost=hours * cluster.gpus * cluster.price,
        memory_gb={name: value / 1e9 for name, value in memory.items()},
        fits=_fits(memory["total"], cluster.memory_gb * 1e9),
    )


def _memory(made: Experiment, parts: Mapping[str, Work], head: Work, centres: int, gradient: int) -> dict[str, float]:
    """Bytes on one GPU. The worst moment is in the head, or on the way back through the network.

    Args:
        made: networks.
        parts: work by part, without the head.
        head: its work.
        centres: bytes of this GPU's class centres.
        gradient: bytes of the gradient of those that are scored.
    """
    student = parameter_bytes(made.objective) - parameter_bytes(made.objective.head)
    kept = parts["student"].kept + parts.get("distillation", Work()).kept
    back = parts["student"].peak - parts["student"].kept
    bytes_by_use = {
        "student's weights": float(student),
        "teacher's weights": float(_all_bytes(made.teacher)),
        "student's momentum": float(student),
        "class centres": float(centres),
        "centres' momentum": float(centres),
        "activations": float(kept),
        "gradients and working memory": max(float(head.peak), back + gradient),
    }
    return {**bytes_by_use, "total": sum(bytes_by_use.values())}


def _all_bytes(module: nn.Module | None) -> int:
    return 0 if module is None else sum(value.nbytes for value in module.state_dict().values())


def _fits(needed: float, there: float) -> str:
    if needed > there:
        return "no"
    return "yes" if ALLOWANCE * needed <= there else "tight"


def _head(made: Experiment) -> Head:
    """The whole head of a recipe: how it is sharded and sampled is counted here."""
    head = made.objective.head
    assert isinstance(head, Head)
    return head


def _with_classes(head: Head, classes: int) -> Head:
    """The same head for another number of classes, without memory, and as frozen."""
    recorded = describe(head)
    with torch.device("meta"):
        made: Head = build({**recorded, "arguments": {**recorded["arguments"], "classes": classes}})
    return made.requires_grad_(head.weight.requires_grad)
