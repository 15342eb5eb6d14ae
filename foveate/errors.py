"""The one family of errors a user is meant to read: what is wrong, where, and how to mend it."""

from functools import partial
from os import PathLike
from typing import Any, ClassVar


class FoveateError(Exception):
    """Something the user can mend. The command line prints it without a traceback and exits with ``exit_code``."""

    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        problem: str,
        *,
        file: str | PathLike[str] | None = None,
        record: object | None = None,
        remedy: str,
    ) -> None:
        self.problem, self.file, self.record, self.remedy = problem, file, record, remedy
        where = "" if file is None else f"{file}: "
        where += "" if record is None else f"record {record}: "
        super().__init__(f"{where}{problem}. {remedy.removesuffix('.')}.")

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors come back whole from a loader's worker process."""
        return partial(type(self), file=self.file, record=self.record, remedy=self.remedy), (self.problem,)


class DataError(FoveateError):
    """A file of images, labels or pairs that cannot be used as it is."""


class CheckpointError(FoveateError):
    """A checkpoint that is damaged, of another architecture, or of another run."""


class RecipeError(FoveateError):
    """Arguments that do not go together; raised while a network or an experiment is built, before anything runs."""


class TrainingError(FoveateError):
    """Training that cannot go on (a loss that is not finite, say). Earlier checkpoints stay as they were."""

    exit_code: ClassVar[int] = 1
