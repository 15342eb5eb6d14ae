"""What no input may bring about: code that runs, files outside of the target, seconds of work, memory."""

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from foveate.errors import FoveateError

SECONDS = 1.0
"""Of processor time, for one input."""

MEMORY = 256 * 2**20
"""Bytes that the process may grow by."""

_RUNS = frozenset({
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.spawn",
    "subprocess.Popen", "pickle.find_class", "socket.connect", "socket.bind", "socket.getaddrinfo", "ctypes.dlopen",
    "code.__new__",
})  # fmt: skip
_WRITES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "os.truncate", "shutil.rmtree")


class Escaped(BaseException):
    """An input did what none may do. No ``except Exception`` of a reader hides it."""


class Guard:
    """Watches what Python does while inputs are read; there is one for a process, since such a watch cannot end.

    Args:
        folder: where files may be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder.resolve())
        self.active = False
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active:
            return
        bad = event in _RUNS or (event == "exec" and not _is_module(arguments[0]))
        if bad or (event in _WRITES and not self._inside(arguments[0])) or self._opens(event, arguments):
            self.seen.append(f"{event} {arguments[:2]!r:.200}")
            raise Escaped(self.seen[-1])

    def _opens(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event != "open":
            return False
        path, mode, flags = arguments
        writes = any(sign in mode for sign in "wax+") if mode else bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        return writes and not self._inside(path)

    def _inside(self, path: Any) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.path.realpath(os.fsdecode(path)).startswith(
            self._folder
        )

    def refused(self, read: Callable[[Path], None], folder: Path) -> bool:
        """Read a folder; whether it was refused with a typed error.

        Raises:
            Escaped: something happened that no input may bring about.
        """
        self.seen.clear()
        start, refused = time.process_time(), False
        self.active = True
        try:
            read(folder)
        except FoveateError:
            refused = True
        finally:
            self.active = False
        if self.seen:
            raise Escaped(self.seen[0])
        if (spent := time.process_time() - start) > SECONDS:
            raise Escaped(f"{spent:.1f} s of processor time")
        return refused


def _is_module(code: Any) -> bool:
    """Whether code that runs is that of a module's file, imported late."""
    return Path(code.co_filename).is_file() and code.co_name == "<module>"


def limit_memory() -> None:
    """From here on the process may grow by ``MEMORY``; more is a MemoryError, which no reader turns into a refusal."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
