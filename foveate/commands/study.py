"""foveate study NAME: many runs that make one table, resumable, with tests of every difference."""

import dataclasses
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import tyro

from foveate.commands.terminal import Bar, answer
from foveate.commands.words import at_dashes, words_of

LOG: Final = "study.txt"
"""What a study in the background says, in its folder."""


@dataclass(frozen=True)
class Flags:
    """Run a study: foveate study NAME [flags] -- [flags of "foveate train" for every run].

    Trains the teachers, measures the headroom on held-out training identities, runs every row with every seed, and
    writes tables and figures. What is done is skipped and what was interrupted goes on: the same command starts it
    again. Where it was begun before, teachers and the flags behind -- need not be repeated. For example:

    foveate study table1 --out results/faces -- --data faces --test lfw-112 --scale small --preset released

    Attributes:
        name: of the study ("foveate list" names them).
        out: folder of runs and tables. Studies in one folder share the runs they have in common, so they must have the
            same flags.
        teachers: folder of the teachers' weights in float16; by default OUT/teachers.
        teacher_flags: further flags for the teachers alone, behind an equals sign: --teacher-flags="--epochs 20".
        teacher_seeds: how many teachers, by default 3; the student of seed S learns from teacher S modulo this.
        seeds: at most so many seeds a row.
        only: run what matches one of these patterns ("8x/askd*"), and what it needs.
        jobs: runs at a time; they share the processors. Small networks are fastest with one processor each. With
            --status, what the time left is reckoned with.
        background: go on behind the terminal; OUT/study.txt holds what it says.
        status: say how far the study is, and end.
        tables: make the tables of the runs there are, and end.
        page: also put the study's short table into this page, between "<!-- study NAME -->" and "<!-- end -->".
        dry_run: print the commands of all runs, and end.
        json: print the answer as JSON.
    """

    name: tyro.conf.Positional[str]
    out: Path = Path("results/faces")
    teachers: Path | None = None
    teacher_flags: str = ""
    teacher_seeds: int | None = None
    seeds: int | None = None
    only: tuple[str, ...] = ()
    jobs: int = 1
    background: bool = False
    status: bool = False
    tables: bool = False
    page: Path | None = None
    dry_run: bool = False
    json: Annotated[bool, tyro.conf.arg(name="json")] = False


def study(arguments: Sequence[str]) -> int:
    """Run the command with these arguments; what follows ``--`` goes to every run. 1 if one of them failed."""
    own, behind = at_dashes(arguments)
    flags = tyro.cli(Flags, prog="foveate study", args=own)
    from foveate.discover import study as find
    from foveate.errors import RecipeError
    from foveate.study.jobs import check_teachers, jobs
    from foveate.study.setting import describe, recorded

    if flags.jobs < 1:
        raise RecipeError(f"--jobs is {flags.jobs}", remedy="Give 1 or more.")
    made, setting = find(flags.name)(), _setting(flags, behind)
    todo = jobs(made, setting)
    if flags.dry_run:
        commands = [job.command for job in todo]
        answer(commands, as_json=flags.json, text="\n".join(commands))
    elif flags.status:
        _say_status(flags, todo)
    elif flags.tables:
        if recorded(flags.out) is not None:
            describe(flags.name, made, setting)
        _write_tables(flags, [])
    else:
        describe(flags.name, made, setting)
        check_teachers(todo)
        if flags.background:
            _detach(flags, arguments)
        else:
            return _work(flags, todo)
    return 0


def _setting(flags: Flags, train_flags: tuple[str, ...]) -> Any:
    from foveate.study.setting import Setting, recorded

    known = recorded(flags.out) or Setting(flags.out, teachers=flags.out / "teachers")
    given = {
        "flags": train_flags or None,
        "teacher_flags": words_of(flags.teacher_flags, "--teacher-flags") or None,
        "teachers": flags.teachers,
        "teacher_seeds": flags.teacher_seeds,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(known, seeds=flags.seeds, only=flags.only, **changes)


def _work(flags: Flags, todo: Sequence[Any]) -> int:
    from foveate.study.runner import work

    with Bar(flags.name) as bar:
        missing = work(
            todo,
            flags.out,
            at_once=flags.jobs,
            tell=lambda now: bar.share(now.done, _words(now)),
            say=bar.say,
        )
    _write_tables(flags, missing)
    return 1 if missing else 0


def _write_tables(flags: Flags, missing: Sequence[str]) -> None:
    from foveate.report.study import write_study
    from foveate.report.study_page import update_page

    _count(flags.out)
    numbers, files = write_study(flags.out, flags.name)
    if flags.page is not None:
        update_page(flags.page, flags.name, numbers)
    text = "\n".join([*(f"not finished: {name}" for name in missing), *map(str, files)])
    value = {"unfinished": list(missing), "files": [str(file) for file in files], **numbers}
    answer(value, as_json=flags.json, text=text)


def _count(folder: Path) -> None:
    """Write what a face costs in the training of each row beside the runs, for the tables."""
    import json

    from foveate.bench.training_flops import training_gflops
    from foveate.files import write_json
    from foveate.report.study_runs import WORK, read_work

    known = read_work(folder)
    runs = [file.parent for file in sorted(folder.glob("*/*/results.json"))]
    new = {row: run for run in runs if (row := f"{run.parent.name}/{run.name.rpartition('-')[0]}") not in known}
    if new:
        counted = {row: training_gflops(json.loads((run / "run.json").read_text())) for row, run in new.items()}
        write_json(folder / WORK, {**known, **counted})


def _say_status(flags: Flags, todo: Sequence[Any]) -> None:
    from foveate.study.runner import progress

    now = progress(todo, at_once=flags.jobs)
    lines = [f"{state:<8} {name}" for name, state in now.states.items()]
    answer(asdict(now), as_json=flags.json, text="\n".join([*lines, f"{100 * now.done:.0f} % done{_words(now)}"]))


def _words(now: Any) -> str:
    states = list(now.states.values())
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    left = "" if now.seconds_left is None else f", {now.seconds_left / 3600:.1f} h left"
    return f" ({counts}{left})"


def _detach(flags: Flags, words: Sequence[str]) -> None:
    """The same command without a terminal."""
    again = [word for word in words if word not in ("--background", "--json")]
    with (flags.out / LOG).open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "foveate", "study", *again],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    text = (
        f"process {process.pid} goes on behind the terminal; 'kill {process.pid}' stops it, and\n"
        f"foveate study {flags.name} --out {flags.out} --status\nsays how far it is"
    )
    answer({"process": process.pid, "log": str(flags.out / LOG)}, as_json=flags.json, text=text)
