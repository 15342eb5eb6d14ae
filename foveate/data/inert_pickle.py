"""A pickle read as data: a small machine that builds plain values and never imports or calls anything.

A pickle is a program, and running a stranger's program is no way to read a list of images. This machine
knows the few instructions that write bytes, text, numbers, lists and tuples, and the exact shapes in
which Python and NumPy write bytes, truth values and arrays. It refuses the rest by name.
Nothing here recurses, so nesting costs nothing.
"""

import pickletools
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np

from foveate.errors import DataError

_MAX_STEPS: Final = 4_000_000
_MAX_OPEN_MARKS: Final = 16
_MAX_PROTOCOL: Final = 5
_CORE: Final = ("numpy.core.multiarray", "numpy._core.multiarray")
_SCALAR: Final = tuple(f"{module}.scalar" for module in _CORE)
_RECONSTRUCT: Final = tuple(f"{module}._reconstruct" for module in _CORE)
_KNOWN: Final = frozenset({"_codecs.encode", "numpy.dtype", "numpy.ndarray", *_SCALAR, *_RECONSTRUCT})
_NUMBERS: Final = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"})
_CONSTANTS: Final = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_INTEGERS: Final = ("BININT", "BININT1", "BININT2", "LONG1")
_STRINGS: Final = ("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8")
_LITERALS: Final = frozenset((*_INTEGERS, *_STRINGS))
_REMEDY: Final = "Do not open it with pickle; get the set from its source, or write it anew as lists of bytes and bools"


@final
class PickledArray:
    """A one-dimensional NumPy array as its pickle describes it."""

    def __init__(self) -> None:
        self._content: bytes | list[object] = []
        self._number: np.dtype[Any] | None = None  # None: the content is a list of objects

    def fill(self, shape: tuple[object, ...], dtype: "_Dtype", content: object) -> None:
        """Take over what the pickle says; raises ``_RefusalError`` if it does not fit together."""
        match shape, content:
            case (int() as length,), list() if dtype.code[:1] == "O" and len(content) == length:
                self._content, self._number = content, None
            case (int() as length,), bytes() if len(content) == length * dtype.number().itemsize:
                self._content, self._number = content, dtype.number()
            case _:
                raise _RefusalError("an array that is not of one dimension, or not filled by its content")

    def values(self) -> bytes | list[object]:
        """Bytes of an array of uint8; the elements of any other."""
        if self._number is None or isinstance(self._content, list) or self._number == np.uint8:
            return self._content
        return np.frombuffer(self._content, self._number).tolist()


def load_inert(data: bytes, *, file: Path) -> object:
    """Read a pickle of plain values without running it.

    Args:
        data: the pickle.
        file: where it comes from, for the message of an error.

    Returns:
        Lists, tuples, bytes, text, numbers, truth values, None and ``PickledArray``. What Python 2 wrote as text
        comes back as bytes.

    Raises:
        DataError: the pickle is damaged, or holds an instruction that plain values do not need.
    """
    try:
        with warnings.catch_warnings():  # pickletools warns of odd escapes in names
            warnings.simplefilter("ignore")
            return _Machine(len(data)).run(data)
    except _RefusalError as error:
        raise DataError(f"the pickle holds {error}", file=file, remedy=_REMEDY) from None
    except ValueError as error:
        problem = f"the pickle is damaged or cut short ({_short(error)})"
        raise DataError(problem, file=file, remedy="Copy the file again from where it came from") from None


class _RefusalError(Exception):
    """Something this machine does not do."""


@dataclass(frozen=True)
class _Name:
    """A global that the pickle mentions. It is compared with the known ones, and never looked up."""

    path: str


@final
class _Dtype:
    """A NumPy element type; its byte order comes in a second step."""

    def __init__(self, code: str) -> None:
        self.code, self.order = code, "|"

    def number(self) -> "np.dtype[Any]":
        if self.code not in _NUMBERS or self.order not in ("|", "<", ">", "="):
            raise _RefusalError(f"numbers of the type {_short(self.order + self.code)}")
        return np.dtype(self.order + self.code)


@final
class _Machine:
    """The stack, the marks on it and the memo that a pickle works with."""

    def __init__(self, size: int) -> None:
        self._stack: list[object] = []
        self._marks: list[int] = []
        self._memo: dict[int, object] = {}
        self._bytes_left = size  # what text may become when encoded: a sound file encodes each text once

    def run(self, data: bytes) -> object:
        for step, (opcode, argument, position) in enumerate(pickletools.genops(data)):
            if step >= _MAX_STEPS:
                raise _RefusalError(f"more than {_MAX_STEPS:,} instructions")
            try:
                self._step(opcode.name, argument)
            except _RefusalError as error:
                raise _RefusalError(f"{error}, at byte {position} ({opcode.name})") from None
        if len(self._stack) != 1 or self._marks:
            raise ValueError("it does not end with one value")
        return self._stack[0]

    def _step(self, name: str, argument: object) -> None:
        match name:
            case _ if name in _LITERALS:
                self._stack.append(argument)
            case "BINSTRING" | "SHORT_BINSTRING":
                self._stack.append(str(argument).encode("latin-1"))
            case _ if name in _CONSTANTS:
                self._stack.append(_CONSTANTS[name])
            case "BINPUT" | "LONG_BINPUT":
                self._memo[_number(argument)] = self._top()
            case "MEMOIZE":
                self._memo[len(self._memo)] = self._top()
            case "BINGET" | "LONG_BINGET":
                self._stack.append(self._remembered(_number(argument)))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                self._stack.append(tuple(reversed([self._pop() for _ in range(int(name[-1]))])))
            case "GLOBAL":
                self._stack.append(_known(*str(argument).split(" ", 1)))
            case "STACK_GLOBAL":
                attribute, module = self._pop(), self._pop()
                self._stack.append(_known(module, attribute))
            case "REDUCE":
                arguments, called = self._pop(), self._pop()
                self._stack.append(self._reduced(called, arguments))
            case "BUILD":
                state = self._pop()
                _build(self._top(), state)
            case "PROTO":
                if _number(argument) > _MAX_PROTOCOL:
                    raise _RefusalError(f"pickle protocol {argument}")
            case "FRAME" | "STOP":
                pass
            case _:
                self._collect(name)

    def _collect(self, name: str) -> None:
        """The instructions that make or fill a list or tuple."""
        match name:
            case "EMPTY_LIST":
                self._stack.append([])
            case "MARK":
                if len(self._marks) >= _MAX_OPEN_MARKS:
                    raise _RefusalError(f"collections nested more than {_MAX_OPEN_MARKS} deep")
                self._marks.append(len(self._stack))
            case "TUPLE":
                self._stack.append(tuple(self._pop_to_mark()))
            case "APPEND":
                value = self._pop()
                self._list().append(value)
            case "APPENDS":
                values = self._pop_to_mark()
                self._list().extend(values)
            case _:
                raise _RefusalError("an instruction that images and truth values do not need")

    def _reduced(self, called: object, arguments: object) -> object:
        """What the call would give, for the calls that only say how a value is written."""
        path = called.path if isinstance(called, _Name) else None
        match arguments:
            case (str() as text, "latin1" | "latin-1") if path == "_codecs.encode":
                self._bytes_left -= len(text)
                if self._bytes_left < 0:
                    raise _RefusalError("more encoded text than the file is long")
                return text.encode("latin-1")
            case (str() | bytes() as code, bool() | 0 | 1, bool() | 0 | 1) if path == "numpy.dtype":
                return _Dtype(_text(code))
            case (_Dtype() as dtype, bytes() as raw) if path in _SCALAR:
                if len(raw) != dtype.number().itemsize:
                    raise _RefusalError(f"a number of {len(raw)} bytes")
                return np.frombuffer(raw, dtype.number()).tolist()[0]
            case (_Name("numpy.ndarray"), (0,), b"b" | "b") if path in _RECONSTRUCT:
                return PickledArray()
            case _:
                raise _RefusalError(f"a call of {path or 'something that is no function'}")

    def _top(self) -> object:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise ValueError("an instruction finds no value to work on")
        return self._stack[-1]

    def _pop(self) -> object:
        self._top()
        return self._stack.pop()

    def _pop_to_mark(self) -> list[object]:
        if not self._marks:
            raise ValueError("an instruction finds no mark")
        mark = self._marks.pop()
        values = self._stack[mark:]
        del self._stack[mark:]
        return values

    def _list(self) -> list[object]:
        target = self._top()
        if not isinstance(target, list):
            raise ValueError(f"values are appended to a {type(target).__name__}")
        return target

    def _remembered(self, number: int) -> object:
        if number not in self._memo:
            raise ValueError(f"value {number} is used before it was stored")
        return self._memo[number]


def _build(target: object, state: object) -> None:
    """The second step of making an element type or an array."""
    match target, state:
        case _Dtype(), (int(), str() | bytes() as order, None, None, None, -1, -1, int()):
            target.order = _text(order)
        case PickledArray(), (1, tuple() as shape, _Dtype() as dtype, bool() | 0 | 1, content):
            target.fill(shape, dtype, content)
        case _:
            raise _RefusalError(f"a state for a {type(target).__name__.lstrip('_')}")


def _known(module: object, attribute: object) -> _Name:
    path = f"{module}.{attribute}" if isinstance(module, str) and isinstance(attribute, str) else ""
    if path not in _KNOWN:
        raise _RefusalError(f"the name {_short(module)}.{_short(attribute)}, which plain values do not need")
    return _Name(path)


def _number(argument: object) -> int:
    if not isinstance(argument, int):
        raise ValueError(f"an instruction lacks its number, {_short(argument)}")
    return argument


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _short(value: object) -> str:
    """Part of a stranger's value, fit for a message."""
    text = str(value) if isinstance(value, str | Exception) else type(value).__name__
    return "".join(character if character.isprintable() else "?" for character in text[:80]).rstrip(".")
