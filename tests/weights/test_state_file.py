"""Files of weights: tensors come out, and code never runs."""

import os
import pickle
import tracemalloc

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from foveate.errors import CheckpointError
from foveate.weights.state_file import read_state

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.count": torch.tensor(7)}


def _same(read):
    return read.keys() == STATE.keys() and all(torch.equal(read[name], STATE[name]) for name in STATE)


@pytest.mark.parametrize("name", ["w.pth", "w.pt", "w.ckpt", "w"])
def test_what_torch_saved_is_read(tmp_path, name):
    torch.save(STATE, tmp_path / name)
    assert _same(read_state(tmp_path / name))
    torch.save(STATE, tmp_path / name, _use_new_zipfile_serialization=False)
    assert _same(read_state(tmp_path / name))


def test_safetensors_are_read(tmp_path):
    save_file(STATE, tmp_path / "w.safetensors")
    assert _same(read_state(tmp_path / "w.safetensors"))


@pytest.mark.parametrize(
    "content",
    [
        {"iters": 47000, "net_state_dict": STATE},
        {"epoch": 3, "state_dict": STATE, "hyper_parameters": {"lr": 0.1, "milestones": [1, 2]}, "loops": None},
        {"epoch": 3, "global_step": 9, "state_dict_backbone": STATE, "state_optimizer": {"state": {}}},
        {"model": {"state_dict": STATE}},
    ],
)
def test_weights_inside_of_a_checkpoint_are_found(tmp_path, content):
    torch.save(content, tmp_path / "w.ckpt")
    assert _same(read_state(tmp_path / "w.ckpt"))


class Hostile:
    """Runs a program when it is unpickled."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_wants_code_to_be_run_is_refused_and_nothing_is_run(tmp_path, zipped):
    torch.save({**STATE, "x": Hostile(tmp_path / "ran")}, tmp_path / "w.pth", _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match=r"w\.pth: it wants (posix|nt)\.system to be run.*must hold no code"):
        read_state(tmp_path / "w.pth")
    assert not (tmp_path / "ran").exists()


def test_a_plain_pickle_and_a_whole_network_are_refused(tmp_path):
    (tmp_path / "w.pth").write_bytes(pickle.dumps(Hostile(tmp_path / "ran")))
    with pytest.raises(CheckpointError, match=r"w\.pth: it "):
        read_state(tmp_path / "w.pth")
    assert not (tmp_path / "ran").exists()
    torch.save(torch.nn.Linear(2, 2), tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=r"it wants torch\.nn\.modules\.linear\.Linear to be run"):
        read_state(tmp_path / "w.pth")


def test_damaged_files_are_refused(tmp_path):
    torch.save(STATE, tmp_path / "whole.pth")
    whole = (tmp_path / "whole.pth").read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2], whole[:-30]):
        (tmp_path / "w.pth").write_bytes(content)
        with pytest.raises(CheckpointError, match=r"w\.pth: it is no file of torch\.save, or a damaged one"):
            read_state(tmp_path / "w.pth")
    (tmp_path / "w.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(CheckpointError, match=r"w\.safetensors: the file is damaged"):
        read_state(tmp_path / "w.safetensors")
    with pytest.raises(CheckpointError, match=r"nowhere\.pth: there is no such file"):
        read_state(tmp_path / "nowhere.pth")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({}, "it holds no dictionary of named tensors, but nothing"),
        ([1, 2], "but list"),
        (torch.zeros(2), "but Tensor"),
        ({"epoch": 3, "arch": "r50"}, "but epoch, arch"),
        ({"state_dict": {"state_dict": {}}}, "but state_dict"),
        ({3: torch.zeros(2)}, "but 3"),
        ({"state_dict": {"a": torch.zeros(2), "b": 3}}, "'b' is no tensor, but int"),
    ],
)
def test_files_without_named_tensors_are_refused(tmp_path, content, problem):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=problem):
        read_state(tmp_path / "w.pth")


def test_arrays_of_numpy_are_refused_by_their_name(tmp_path):
    torch.save({"a": np.zeros(3)}, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match=r"numpy\.\w+"):
        read_state(tmp_path / "w.pth")


def test_a_small_file_that_claims_a_long_text_takes_no_memory_for_it(tmp_path):
    file = tmp_path / "w.ckpt"
    file.write_bytes(b"\x80\x02X" + (2**31 - 1).to_bytes(4, "little") + b"short")
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError, match=r"damaged"):
            read_state(file)
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()
