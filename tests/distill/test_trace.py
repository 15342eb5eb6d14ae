"""A trace of a batch, cut into parts."""

import torch

from foveate.distill.trace import Trace
from foveate.taps import Caught


def test_the_parts_of_a_trace_put_together_are_the_trace():
    call = Caught("gate", torch.rand(5, 2, 1, 1), torch.rand(5, 2, 1, 1))
    whole = Trace(torch.rand(5, 3), torch.rand(5, 4), {"*.gate": (call,)}, torch.arange(5))
    parts = whole.split(2)
    assert [len(part.embedding) for part in parts] == [3, 2]
    for values in (
        lambda trace: trace.embedding,
        lambda trace: trace.logits,
        lambda trace: trace.label,
        lambda trace: trace.caught["*.gate"][0].input,
        lambda trace: trace.caught["*.gate"][0].output,
    ):
        assert torch.equal(torch.cat([values(part) for part in parts]), values(whole))


def test_what_is_not_there_is_not_in_the_parts():
    assert [(part.logits, part.label) for part in Trace(torch.rand(4, 3), None, {}).split(2)] == [(None, None)] * 2


def test_one_rank_has_the_faces_of_all_ranks():
    whole = Trace(torch.rand(4, 3), None, {})
    assert whole.gathered((), ()) is whole
