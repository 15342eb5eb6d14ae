"""A trace of a batch, cut into parts."""

import torch

from foveate import distributed
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


def test_rows_of_windows_are_cut_by_the_faces_they_show():
    windows = torch.arange(20).repeat_interleave(2).view(20, 2)  # four of each of five faces
    whole = Trace(torch.rand(5, 3), None, {"*.attn": (Caught("attn", windows, windows),)})
    assert [len(part.caught["*.attn"][0].input) for part in whole.split(2)] == [12, 8]
    assert torch.equal(torch.cat([part.caught["*.attn"][0].output for part in whole.split(2)]), windows)


def test_boxes_are_not_gathered_since_each_rank_has_as_many_columns_as_its_fullest_photo(monkeypatch):
    monkeypatch.setattr(distributed, "size", lambda: 2)
    monkeypatch.setattr(distributed, "gathered", lambda values: torch.cat([values, values]))
    boxes = Trace(torch.rand(2, 3), None, {}, torch.rand(2, 4, 4)).gathered((), ())
    assert boxes.label is None
    assert Trace(torch.rand(2, 3), None, {}, torch.arange(2)).gathered((), ()).label.tolist() == [0, 1, 0, 1]
