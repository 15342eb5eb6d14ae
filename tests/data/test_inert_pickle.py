"""A pickle read as data gives what pickle gives, and runs nothing."""

import pickle
import pickletools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.data.inert_pickle import PickledArray, load_inert
from foveate.errors import DataError

FILE = Path("a.bin")

leaves = st.binary(max_size=20) | st.text(max_size=5) | st.booleans() | st.none() | st.integers(-(2**40), 2**40)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner), max_leaves=12)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(values, st.integers(3, 5))
def test_plain_values_come_back_as_pickle_gives_them(value, protocol):
    data = pickle.dumps(value, protocol=protocol)
    assert load_inert(data, file=FILE) == pickle.loads(data)


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize(
    "array",
    [
        np.array([True, False]),
        np.array([1, 0, 300], np.int64),
        np.array([1, 2], ">i4"),
        np.array([0, 255], np.uint8),
        np.array([b"ab", True], object),
    ],
)
def test_one_dimensional_arrays_come_back(array, protocol):
    loaded = load_inert(pickle.dumps(array, protocol=protocol), file=FILE)
    assert isinstance(loaded, PickledArray)
    assert loaded.values() == (array.tobytes() if array.dtype == np.uint8 else array.tolist())


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_numpy_scalars_come_back_as_numbers(protocol):
    loaded = load_inert(pickle.dumps([np.True_, np.False_, np.int64(-5)], protocol=protocol), file=FILE)
    assert loaded == [True, False, -5]
    assert type(loaded[0]) is bool


class _Bomb:
    def __init__(self, call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("call", [(exec, ("raise SystemExit",)), (open, ("pwned", "w")), (Path, ("x",))])
def test_calls_are_refused_and_not_made(protocol, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"a\.bin: the pickle holds .* at byte \d+ \(\w+\)\. Do not open it"):
        load_inert(pickle.dumps([_Bomb(call)], protocol=protocol), file=FILE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [1.5, {"a": 1}, {1, 2}, frozenset({1}), object(), bytearray(b"x"), 1j])
def test_values_that_are_not_needed_are_refused(value):
    with pytest.raises(DataError, match="the pickle holds"):
        load_inert(pickle.dumps([value], protocol=5), file=FILE)


@pytest.mark.parametrize("value", [np.float32(1), np.zeros((2, 2), np.uint8), np.zeros(2), np.array([b"ab"])])
def test_arrays_of_other_kinds_are_refused(value):
    with pytest.raises(DataError, match="the pickle holds"):
        load_inert(pickle.dumps([value], protocol=4), file=FILE)


NEEDED = (
    "MARK STOP NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES "
    "BINBYTES8 BINUNICODE SHORT_BINUNICODE BINUNICODE8 EMPTY_LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 "
    "TUPLE3 BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET GLOBAL STACK_GLOBAL REDUCE BUILD PROTO FRAME"
)


@pytest.mark.parametrize(
    "opcode", [op for op in pickletools.opcodes if op.name not in NEEDED.split()], ids=lambda op: op.name
)
def test_every_other_opcode_is_refused(opcode):
    argument = b"" if opcode.arg is None else b"\0" * 8 if opcode.arg.n < 0 else b"\0" * opcode.arg.n
    argument = b"1\n1\n" if opcode.arg and opcode.arg.n == -1 else argument
    argument = b"'a'\n" if opcode.name == "STRING" else argument
    with pytest.raises(DataError, match=rf"at byte 1 \({opcode.name}\)"):
        load_inert(b"N" + opcode.code.encode("latin-1") + argument + b"..", file=FILE)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "damaged or cut short"),
        (b"N", "damaged or cut short"),
        (b".", "does not end with one value"),
        (b"NN.", "does not end with one value"),
        (b"N(.", "does not end with one value"),
        (b"a.", "finds no value"),
        (b"N(a.", "finds no value"),
        (b"Ne.", "finds no mark"),
        (b"NNa.", "appended to a NoneType"),
        (b"h\x05.", "value 5 is used before"),
        (b"B\xff\xff\xff\x7fabc.", "damaged or cut short"),
        (b"\x8e" + b"\xff" * 7 + b"\x7fabc.", "damaged or cut short"),
        (b"T\xff\xff\xff\xffabc.", "damaged or cut short"),
        (b"\x80\x09N.", "pickle protocol 9"),
        (b"(" * 40 + b".", "nested more than 16 deep"),
        (b"NR.", "finds no value"),
        (b"NNR.", "a call of something that is no function"),
        (b"NNb.", "a state for a NoneType"),
        (b"]]\x93.", "the name list.list"),
        (b"cnumpy\nndarray\n)R.", "a call of numpy.ndarray"),
        (b"c_codecs\nencode\nX\x01\0\0\0aX\x03\0\0\0hex\x86R.", "a call of _codecs.encode"),
        (b"cos\nsystem\n.", "the name os.system"),
        (b"cnumpy\\s\ndtype\n.", "the name numpy"),
        (b"I" + b"9" * 5000 + b"\n.", "damaged or cut short"),
        (b"G12345678.", "an instruction that images"),
    ],
)
def test_damaged_programs_are_refused(data, problem):
    with pytest.raises(DataError, match=problem):
        load_inert(data, file=FILE)


def test_text_is_not_multiplied_beyond_the_length_of_the_file():
    text = b"X" + (10_000).to_bytes(4, "little") + b"a" * 10_000
    once = b"h\x00h\x01h\x02\x86R"
    program = b"c_codecs\nencode\nq\x00" + text + b"q\x01X\x06\0\0\0latin1q\x02"
    assert load_inert(b"(" + program + once + b"t.", file=FILE)[-1] == b"a" * 10_000
    with pytest.raises(DataError, match="more encoded text than the file is long"):
        load_inert(b"(" + program + once * 50 + b"t.", file=FILE)


def test_a_very_long_program_is_refused(monkeypatch):
    monkeypatch.setattr("foveate.data.inert_pickle._MAX_STEPS", 1000)
    with pytest.raises(DataError, match="more than 1,000 instructions"):
        load_inert(b"(" + b"N" * 2000 + b"t.", file=FILE)


def test_deep_and_circular_nesting_cost_nothing():
    assert isinstance(load_inert(b"N" + b"\x85" * 100_000 + b".", file=FILE), tuple)
    circular = load_inert(b"]q\x00h\x00a.", file=FILE)
    assert circular[0] is circular
