"""A callable in a process of its own that takes turns with callables of this one.

An allocator does not forget: where our path has left memory free, the plain path finds it and clears fewer pages than
it would by itself. In a process of its own it has the C library's allocator as it comes. The other process sleeps while
this one works, and this one while it waits.
"""

import multiprocessing
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from typing import Self, final

import torch

from foveate.errors import TrainingError

Make = Callable[[], Callable[[], object]]


@final
class Apart(AbstractContextManager["Apart"]):
    """Calls what ``make`` makes, in another process that lives as long as the ``with`` block.

    Args:
        make: makes the callable there; it must be picklable (a ``partial`` of a module's function).

    Raises:
        TrainingError: the other process failed.
    """

    def __init__(self, make: Make) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, self._theirs = context.Pipe()
        arguments = (make, self._theirs, torch.get_num_threads())
        self._process = context.Process(target=_serve, args=arguments, daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()  # so that the pipe ends when the other process does
        self._hear()
        return self

    def __call__(self) -> None:
        """One call there; returns when it is done."""
        self._pipe.send(True)
        self._hear()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def _hear(self) -> None:
        try:
            problem = self._pipe.recv()
        except (EOFError, ConnectionError) as error:
            self._process.join()
            raise TrainingError(
                f"the process of its own ended with code {self._process.exitcode}",
                remedy="It may have run out of memory: give a smaller batch.",
            ) from error
        if problem is not None:
            raise TrainingError(
                f"the process of its own failed: {problem}", remedy="Run it in this process to see why."
            )


def _serve(make: Make, pipe: Connection, threads: int) -> None:
    """Make the callable, then call it whenever asked; answers None, or what went wrong."""
    torch.set_num_threads(threads)
    try:
        call = make()
        pipe.send(None)
        while pipe.recv():
            call()
            pipe.send(None)
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
