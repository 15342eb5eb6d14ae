"""The runs of a study: teachers, what measures the headroom, and every row with every seed."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, final

from foveate.errors import RecipeError
from foveate.model_file import Card, read_card
from foveate.study.setting import Setting
from foveate.study.study import Entry, Study

SWEEP: Final = "sweep.json"
RESULTS: Final = "results.json"
WEIGHTS: Final = "model.safetensors"
AGAIN: Final = "again"
"""Folder of runs whose results were kept without the weights, which others need: they are run once more there."""

HELD_OUT: Final = "0.2"
"""Share of the training identities on which the headroom is measured (and on which the paper tuned)."""


@final
@dataclass(frozen=True)
class Job:
    """One run.

    Attributes:
        name: such as "8x/askd-0".
        folder: of the run.
        words: a command of ``foveate`` and its arguments.
        needs: files that other jobs write first.
        gives: the file its float16 weights go into; None for students.
        result: the file in its folder that is written last.
    """

    name: str
    folder: Path
    words: tuple[str, ...]
    needs: tuple[Path, ...] = ()
    gives: Path | None = None
    result: str = RESULTS

    @property
    def weights(self) -> Path:
        """The file that other jobs take its weights from."""
        return self.gives or self.folder / WEIGHTS

    @property
    def is_done(self) -> bool:
        """Whether its result is there, and the weights that others need."""
        return (self.folder / self.result).is_file() and (self.gives is None or self.gives.is_file())

    @property
    def failure(self) -> Path:
        """Where it is written why it failed; a run and its sweep share a folder."""
        return self.folder / ("failed.json" if self.result == RESULTS else f"failed-{Path(self.result).stem}.json")

    @property
    def kind(self) -> str:
        """What takes about as long as others of the same kind: a recipe, or another command."""
        return self.words[1] if self.words[0] == "train" else self.words[0]

    @property
    def command(self) -> str:
        """What a person would type."""
        return shlex.join(["foveate", *self.words])


def jobs(study: Study, setting: Setting) -> tuple[Job, ...]:
    """All runs in the order in which they are begun: teachers, headroom, then seed after seed.

    Raises:
        RecipeError: a pattern of ``only`` matches no run.
    """
    most = max(entry.seeds for entry in study.entries)
    most = most if setting.seeds is None else min(most, setting.seeds)
    made = [_teacher(study.teacher, setting, seed) for seed in range(min(setting.teacher_seeds, most))]
    made += [] if study.held_out_beside else _headroom(study, setting)
    for seed in range(most):
        made += [_student(entry, setting, seed) for entry in study.entries if seed < entry.seeds]
    kept = {job.name: job for job in made}
    looks = study.kind in ("sweep", "looks")
    made = [_with_weights(job, setting.out) if looks or job.gives else job for job in made]
    if study.kind == "sweep":
        made += [_sweep(job, setting.out) for job in made if not job.name.startswith("headroom/")]
    if study.kind == "looks":
        made += [_looks(group, setting, made) for group in study.groups]
    needed, settled = set[Path](), list[Job]()
    for job in reversed(_chosen(made, setting.only)):  # what needs weights comes behind the run that gives them
        job = _settled(job, kept.get(job.name, job), needed)
        needed |= set() if job.is_done else {*job.needs}
        settled.append(job)
    return tuple(reversed(settled))


def _chosen(made: list[Job], patterns: tuple[str, ...]) -> list[Job]:
    """The jobs that match a pattern, and all that these need; without patterns all."""
    for pattern in patterns:
        if not any(fnmatchcase(job.name, pattern) for job in made):
            raise RecipeError(
                f"no run of the study is called {pattern!r}",
                remedy=f"Its runs are called like {made[0].name} or {made[-1].name}.",
            )
    chosen = {job.name for job in made if not patterns or any(fnmatchcase(job.name, each) for each in patterns)}
    more = chosen
    while more:
        needed = {file for job in made if job.name in more for file in job.needs}
        more = {job.name for job in made if job.weights in needed} - chosen
        chosen |= more
    return [job for job in made if job.name in chosen]


def _with_weights(job: Job, out: Path) -> Job:
    """A run, or, where its results were kept without its weights, the same run in another folder."""
    if not (job.folder / job.result).is_file() or job.weights.is_file() or (job.folder / WEIGHTS).is_file():
        return job
    folder = out / AGAIN / job.name
    words = tuple(str(folder) if word == str(job.folder) else word for word in job.words)
    return replace(job, folder=folder, words=words)


def _settled(job: Job, kept: Job, needed: set[Path]) -> Job:
    """A run of which nobody needs the weights is done with its results."""
    return replace(kept, gives=None) if job.weights not in needed and (kept.folder / kept.result).is_file() else job


def _teacher(recipe: str, setting: Setting, seed: int) -> Job:
    return _job(
        f"1x/teacher-{seed}",
        setting,
        (recipe, *setting.flags, *setting.teacher_flags),
        seed,
        gives=setting.teachers / f"teacher-{seed}.safetensors",
    )


def _headroom(study: Study, setting: Setting) -> list[Job]:
    """A teacher and the base of each group, judged on what is held out of the training data and on nothing else."""
    held = ("--tune", "--hold-out", HELD_OUT)
    made = [_job("headroom/teacher-0", setting, (study.teacher, *setting.flags, *setting.teacher_flags, *held), 0)]
    for entry in study.entries:
        if entry.name == "base":
            words = (entry.recipe, *setting.flags, *entry.flags, *held)
            made.append(_job(f"headroom/{entry.group}-base-0", setting, words, 0))
    return made


def _student(entry: Entry, setting: Setting, seed: int) -> Job:
    teacher = setting.teachers / f"teacher-{seed % setting.teacher_seeds}.safetensors"
    words = (entry.recipe, *setting.flags, *entry.flags, "--teacher", str(teacher))
    return _job(f"{entry.group}/{entry.name}-{seed}", setting, words, seed, needs=(teacher,))


def _sweep(job: Job, out: Path) -> Job:
    folder = out / job.name
    words = ("sweep", str(job.weights), "--out", str(folder / SWEEP))
    return Job(f"{job.name}-sweep", folder, words, needs=(job.weights,), result=SWEEP)


def _looks(group: str, setting: Setting, made: list[Job]) -> Job:
    """The maps of the first teacher and of a group's students with seed 0. The figure shows faces: it is no table."""
    first = [job for job in made if job.name.startswith(f"{group}/") and job.name.endswith("-0")]
    models = (setting.teachers / "teacher-0.safetensors", *(job.weights for job in first))
    folder = setting.out / "looks"
    words = ("looks", *map(str, models), "--out", str(folder / f"{group}.png"))
    return Job(f"looks/{group}", folder, words, needs=models, result=f"{group}.png")


def _job(
    name: str,
    setting: Setting,
    words: tuple[str, ...],
    seed: int,
    *,
    needs: tuple[Path, ...] = (),
    gives: Path | None = None,
) -> Job:
    folder = setting.out / name
    own = ("--seed", str(seed), "--out", str(folder), "--resume", "--log-every", "50")
    return Job(name, folder, ("train", *words, *own), needs, gives)


def check_teachers(todo: Sequence[Job]) -> None:
    """Weights of a teacher must be of a run in this study's folder, or tables would tell of one that taught nobody.

    Raises:
        RecipeError: they are of another.
        CheckpointError: the file is damaged.
    """
    for job in todo:
        if job.gives is not None and job.gives.is_file() and not _is_of(read_card(job.gives), job.folder / "run.json"):
            raise RecipeError(
                f"these are weights of a teacher that was not trained in {job.folder}",
                file=job.gives,
                remedy="Copy the folder of its run there, or name another folder with --teachers.",
            )


def _is_of(card: Card, described: Path) -> bool:
    """Whether a model file is of the run that this file describes."""
    run = json.loads(described.read_text()) if described.is_file() else None
    return run is not None and all(card.get(key) == value for key, value in run.items() if key != "environment")
