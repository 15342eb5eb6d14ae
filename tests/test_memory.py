"""Keeping freed memory is understood where the C library is GNU's, and can be undone."""

import subprocess
import sys

import pytest

from foveate.memory import keep_freed_memory

FAULTS = """
import resource, sys
import torch
from foveate.memory import keep_freed_memory
if not keep_freed_memory(sys.argv[1] == "keep"):
    sys.exit(3)
for _ in range(20):
    torch.ones(16_000_000)  # 64 MB, above every threshold; the first ones fill the gaps that alignment leaves
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    torch.ones(16_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(how):
    ended = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=False)
    if ended.returncode == 3:
        pytest.skip("the C library is not GNU's")
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


def test_memory_that_is_kept_is_not_cleared_again():
    kept, handed_back = _faults("keep"), _faults("hand back")
    assert kept < 0.2 * handed_back


def test_another_system_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert not keep_freed_memory()
