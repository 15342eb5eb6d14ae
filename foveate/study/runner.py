"""Working through the runs of a study: what is done is skipped, what was interrupted goes on, one lock a folder."""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, final

from foveate.errors import FoveateError, RecipeError
from foveate.files import lock, write_json
from foveate.model_file import halve
from foveate.study.jobs import RESULTS, WEIGHTS, Job, check_teachers

State = Literal["done", "running", "begun", "failed", "waiting"]

_PATIENCE: Final = 120.0
"""Seconds that a run has to write its checkpoint when the study is interrupted."""


@final
@dataclass(frozen=True)
class Progress:
    """Attributes:
    states: of each job, by name.
    done: share of the whole study, counting unfinished runs by their steps.
    seconds_left: expected, from the runs that are finished; None before there is one.
    """

    states: Mapping[str, State]
    done: float
    seconds_left: float | None


Tell = Callable[[Progress], None]
Say = Callable[[str], None]


def work(
    jobs: Sequence[Job],
    out: Path,
    *,
    at_once: int = 1,
    tell: Tell = lambda progress: None,
    say: Say = lambda text: None,
    launch: Sequence[str] = (sys.executable, "-m", "foveate"),
) -> list[str]:
    """Run all jobs that are not done, each in a process of its own.

    Args:
        jobs: in the order in which they are begun; a job waits for the files it needs.
        out: folder of the study; holds the lock.
        at_once: how many run at a time; they share the processors.
        tell: hears of the progress about once a second.
        say: hears which runs end.
        launch: what a job's words are the arguments of.

    Returns:
        Names of the jobs that failed, or that wait for one that did.

    Raises:
        RecipeError: the study is being worked on already.
    """
    running: dict[str, subprocess.Popen[bytes]] = {}
    failed: set[str] = set()
    with _locked(out) as lock, _stopping(running):
        while True:
            for job in jobs:
                process = running.get(job.name)
                if process is not None and process.poll() is not None:
                    del running[job.name]
                    _ended(job, process.returncode, failed, say)
            useless = {job.gives for job in jobs if job.name in failed}
            ready = [
                job
                for job in jobs
                if not job.is_done
                and job.name not in {*running, *failed}
                and all(file.is_file() and file not in useless for file in job.needs)
            ]
            for job in ready[: at_once - len(running)]:
                try:
                    running[job.name] = _start(job, [*launch, *job.words], at_once, lock)
                except OSError as error:
                    failed.add(job.name)
                    say(f"{job.name}: FAILED to begin: {error}; see what is in its way, then run the study again")
            tell(progress(jobs, running=running, failed=failed, at_once=at_once))
            if not running and not ready:
                return [job.name for job in jobs if not job.is_done or job.name in failed]
            time.sleep(1.0 if sys.stderr.isatty() else 0.2)


def _start(job: Job, command: Sequence[str], at_once: int, lock: int) -> "subprocess.Popen[bytes]":
    """A run holds the lock too: should the study be killed, nobody else begins the run before it has ended."""
    job.folder.mkdir(parents=True, exist_ok=True)
    job.failure.unlink(missing_ok=True)
    threads = max(1, (os.cpu_count() or 1) // at_once)
    environment = {"OMP_NUM_THREADS": str(threads), **os.environ} if at_once > 1 else dict(os.environ)
    with (job.folder / "output.txt").open("ab") as output:
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(lock,),
            start_new_session=True,  # Ctrl-C reaches the study alone, which hands it on once
        )


def _ended(job: Job, code: int, failed: set[str], say: Say) -> None:
    lines = (job.folder / "output.txt").read_text(errors="replace").strip().splitlines() or ["it said nothing"]
    sound = True
    if code == 0 and job.gives is not None:
        try:
            if job.gives.is_file():  # another study with the same --teachers was first
                check_teachers([job])
            else:
                halve(job.folder / WEIGHTS, job.gives)
        except (FoveateError, OSError) as error:
            sound, lines = False, [f"its weights cannot be kept: {error}"]
    if sound and job.is_done:
        say(f"{job.name}: finished")
        return
    failed.add(job.name)
    write_json(job.failure, {"code": code, "said": lines[-1]})
    say(f"{job.name}: FAILED with code {code}: {lines[-1]} (all of it is in {job.folder / 'output.txt'})")


def progress(
    jobs: Sequence[Job],
    *,
    running: Mapping[str, object] | None = None,
    failed: set[str] | None = None,
    at_once: int = 1,
) -> Progress:
    """How far the jobs are, from their folders alone or with what is known of this moment."""
    states: dict[str, State] = {}
    shares: dict[str, float] = {}
    costs: dict[str, list[float]] = {}
    for job in jobs:
        share = 1.0 if job.is_done else _share(job)
        shares[job.name] = share
        if job.is_done:
            states[job.name] = "done"
            costs.setdefault(job.kind, []).append(_seconds(job))
        elif running is not None and job.name in running:
            states[job.name] = "running"
        elif job.failure.is_file() or job.name in (failed or ()):
            states[job.name] = "failed"
        else:
            states[job.name] = "begun" if share else "waiting"
    every = [seconds for found in costs.values() for seconds in found]
    left = None
    if every:
        expected = {job.name: statistics.fmean(costs.get(job.kind, every)) for job in jobs}
        left = sum(expected[name] * (1 - share) for name, share in shares.items()) / at_once
    return Progress(states, statistics.fmean(shares.values()) if shares else 1.0, left)


def _share(job: Job) -> float:
    """How much of its training a run has done, by the last line of its log."""
    if job.result != RESULTS:
        return 0.0
    try:
        *_, last = (line for line in (job.folder / "log.jsonl").read_text().splitlines() if '"progress"' in line)
        return min(float(json.loads(last)["progress"]), 0.99)
    except (OSError, ValueError, KeyError):
        return 0.0


def _seconds(job: Job) -> float:
    """What a run took; other jobs are short."""
    if job.result != RESULTS:
        return 60.0
    return float(json.loads((job.folder / job.result).read_text())["cost"]["seconds"])


@contextmanager
def _locked(out: Path) -> Iterator[int]:
    """One process works on a study; the lock ends with it and its runs, however they end."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("a+") as file:
        if not lock(file):
            file.seek(0)
            raise RecipeError(
                f"process {file.read().strip() or 'unknown'}, or a run it began, is working on the study",
                file=out,
                remedy="Wait, or stop those processes first; a study says with --status how far it is.",
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno()


@contextmanager
def _stopping(running: Mapping[str, "subprocess.Popen[bytes]"]) -> Iterator[None]:
    """Whatever ends the study ends its runs too, which then write their checkpoints."""
    # A process in the background is born ignoring SIGINT, and so are its children.
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, signal.default_int_handler) for number in signals]
    try:
        yield
    finally:
        for process in running.values():
            process.send_signal(signal.SIGINT)
        until = time.monotonic() + _PATIENCE
        for process in running.values():
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
