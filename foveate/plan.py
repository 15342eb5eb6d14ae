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

from foveate.bench.trial import Trial, experiment
from foveate.blueprint import build, describe
from foveate.cluster import Cluster
from foveate.experiment import Experiment
from foveate.flops import (
    BYTES_A_PARAMETER,
    SGD_PASSES,
    Work,
    head_work,
    network_work,
    parameter_bytes,
    training_work,
)
from foveate.heads.arcface import ArcFace
from foveate.heads.head import Head
from foveate.job import Job
from foveate.objective import Objective

ALLOWANCE: Final = 1.75
"""What a GPU should have over the bytes counted here: its context, workspaces, buckets of gradients, fragments. The
memory published in the same place is 1.35 to 1.72 times what is counted here."""


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
    """Layouts there are: PartialFC is for ArcFace without distilled logits, and one GPU has nobody to share with."""
    if objective.wants_logits or not isinstance(objective.head, ArcFace):
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
