"""Limits are measured, and recorded with what they were measured on."""

import json
import math

import pytest
import torch

from foveate.bench import limits as module
from foveate.bench.limits import measure_limits
from foveate.bench.machine import _processor, stamp, this_machine
from foveate.memory import keep_freed_memory


@pytest.fixture(scope="module")
def measured():
    return measure_limits(quick=True)


def test_every_limit_is_a_positive_number(measured):
    for rate in (measured.float32, measured.bf16, measured.copy, measured.triad, measured.jpeg):
        assert rate > 0
        assert math.isfinite(rate)
    assert measured.bandwidth == max(measured.copy, measured.triad)
    assert measured.threads == torch.get_num_threads()
    assert measured.device == "cpu"


def test_limits_become_json(measured):
    found = json.loads(json.dumps(measured.to_json()))
    assert found["bf16"] == measured.bf16
    assert found["shapes"]["float32"] == list(module.CPU_SHAPES[0])


def test_rates_are_operations_and_bytes_over_the_best_time(monkeypatch):
    monkeypatch.setattr(module, "_best", lambda call, device, tries: (call() is None and 0.5) or 0.5)
    found = measure_limits(quick=True)
    rows, depth, columns = module.CPU_SHAPES[0]
    assert found.float32 == found.bf16 == 2 * rows * depth * columns / 0.5
    assert found.copy == 2 * found.array_mb * 1e6 / 0.5
    assert found.triad == 3 * found.array_mb * 1e6 / 0.5
    assert found.jpeg == 8 / 0.5


def test_arrays_are_well_above_the_last_cache(tmp_path, monkeypatch):
    for index, size in enumerate(("48K", "1024K", "96M", "")):
        (tmp_path / f"index{index}").mkdir()
        (tmp_path / f"index{index}" / "size").write_text(size + "\n")
    assert module._last_cache(tmp_path) == 96 * 2**20
    assert module._last_cache(tmp_path / "absent") == 0
    monkeypatch.setattr(module, "_last_cache", lambda: 96 * 2**20)
    assert module._array_bytes(torch.device("cpu")) == 8 * 96 * 2**20
    monkeypatch.setattr(module, "_last_cache", lambda: 0)
    assert module._array_bytes(torch.device("cpu")) == module.LEAST_ARRAY


def test_the_machine_is_named(tmp_path):
    machine = this_machine()
    assert machine.processor
    assert machine.cores >= 1
    assert machine.threads == torch.get_num_threads()
    (tmp_path / "cpuinfo").write_text("processor: 0\nmodel name\t: A Fast One\n")
    assert _processor(tmp_path / "cpuinfo") == "A Fast One"


def test_a_result_says_when_where_and_with_what():
    found = json.loads(json.dumps(stamp()))
    assert found["date"].endswith("UTC")
    assert found["versions"]["torch"] == torch.__version__
    assert set(found["machine"]) == {"processor", "cores", "threads", "memory_gb", "gpu"}
    assert keep_freed_memory() in (True, False)
