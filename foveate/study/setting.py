"""How the studies of a folder are run, and the file that remembers it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, final

from foveate.errors import DataError, RecipeError
from foveate.files import write_json
from foveate.study.study import Study

SETTING: Final = "setting.json"


@final
@dataclass(frozen=True)
class Setting:
    """How a study is run.

    Attributes:
        out: folder of runs and tables; studies in one folder share runs of the same name.
        flags: of ``foveate train`` for every run: data, scale, preset.
        teacher_flags: for teachers, beside those.
        teachers: folder of the teachers' weights in float16; other studies may share it.
        teacher_seeds: how many teachers there are; the student of seed s learns from teacher s modulo this.
        seeds: at most so many seeds a row; None for as many as the study says.
        only: shell-style patterns over the names of runs ("8x/askd*"); none for all.
    """

    out: Path
    flags: tuple[str, ...] = ()
    teacher_flags: tuple[str, ...] = ()
    teachers: Path = Path("results/teachers")
    teacher_seeds: int = 3
    seeds: int | None = None
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.teacher_seeds < 1 or (self.seeds is not None and self.seeds < 1):
            raise RecipeError(
                f"{self.teacher_seeds} teachers and {self.seeds} seeds make no study", remedy="Give one or more."
            )


def recorded(out: Path) -> Setting | None:
    """The setting that the studies in this folder were begun with; None if there is none.

    Raises:
        DataError: the file that holds it is damaged.
    """
    file = out / SETTING
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text())
        flags, teacher_flags = (tuple(map(str, found[key])) for key in ("flags", "teacher_flags"))
        return Setting(out, flags, teacher_flags, Path(found["teachers"]), int(found["teacher_seeds"]))
    except (ValueError, KeyError, TypeError) as error:
        remedy = "Delete it and name the flags of all runs again"
        raise DataError(f"the setting cannot be read ({error})", file=file, remedy=remedy) from error


def describe(name: str, study: Study, setting: Setting) -> None:
    """Write ``setting.json`` and ``NAME.json`` (the rows, the paper's numbers): all that tables need beside the runs.

    Raises:
        RecipeError: the folder holds runs with other flags, or a row's runs are of another recipe or of other flags.
    """
    file = setting.out / SETTING
    now = {
        "flags": list(setting.flags),
        "teacher_flags": list(setting.teacher_flags),
        "teachers": str(setting.teachers),
        "teacher_seeds": setting.teacher_seeds,
    }
    was: Mapping[str, Any] = json.loads(file.read_text()) if file.is_file() else now
    differ = [key for key in now if was.get(key) != now[key]]
    if differ:
        raise RecipeError(
            "; ".join(f"its studies were begun with {key} {was.get(key)}, not {now[key]}" for key in differ),
            file=file,
            remedy="Go on with the same flags, or choose another --out.",
        )
    _check_rows(study, setting.out)
    write_json(file, now)
    write_json(setting.out / f"{name}.json", asdict(study))


def _check_rows(study: Study, out: Path) -> None:
    """Runs are known by their row's name, so a name must mean the same recipe and flags in all studies of a folder."""
    ours = _rows(asdict(study))
    for file in sorted(out.glob("*.json")):
        try:
            known = json.loads(file.read_text())
            theirs = _rows(known) if isinstance(known, dict) and {"entries", "teacher"} <= known.keys() else {}
        except (ValueError, KeyError, TypeError):
            continue  # another file, or a damaged one, which says nothing of any run
        for row, made in ours.items():
            if theirs.get(row, made) != made and _was_run(out, row):
                was, now = (" ".join([recipe, *flags]) for recipe, flags in (theirs[row], made))
                raise RecipeError(
                    f"its runs called {row} are of '{was}', the study's are of '{now}'",
                    file=file,
                    remedy="Give the row another name, or choose another --out.",
                )


def _was_run(out: Path, row: str) -> bool:
    begin = f"{Path(row).name}-"
    return any(run.parent.name.removeprefix(begin).isdigit() for run in out.glob(f"{row}-*/run.json"))


def _rows(study: Mapping[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Recipe and flags of the runs of each name."""
    rows = {f"{each['group']}/{each['name']}": (each["recipe"], [*each["flags"]]) for each in study["entries"]}
    return {"1x/teacher": (study["teacher"], []), **rows}
