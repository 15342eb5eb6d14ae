"""What is logged of a step and of an evaluation."""

import pytest
import torch

from foveate import log
from foveate.objective import Losses


def test_a_rank_s_losses_count_as_much_as_its_faces(monkeypatch):
    """This rank has five of nine faces and a loss of 5, the other four faces and a loss of 2."""
    monkeypatch.setattr(log.distributed, "size", lambda: 2)
    monkeypatch.setattr(log.distributed, "summed", lambda ours: ours + 2 * (4 * 2 / 9))
    found = log._numbers(Losses(torch.tensor(5.0), {"arcface": torch.tensor(5.0)}), 5 * 2 / 9)
    assert found["loss"] == found["losses"]["arcface"] == pytest.approx((5 * 5 + 4 * 2) / 9)


@pytest.mark.parametrize(
    ("answer", "drawn"),
    [
        ({"top1": 0.5, "top5": 0.75, "images": 8}, {"set/top1": 0.5, "set/top5": 0.75}),
        ({"average_precision": {"all": 0.5}}, {"set/average precision (all)": 0.5}),
        ({"found_at_rank": {"1": {"mean": 0.5}}}, {"set/found at rank 1": 0.5}),
        ({"authors": {"accuracy": 0.5}}, {"set/accuracy (authors)": 0.5}),
    ],
)
def test_every_kind_of_evaluation_has_a_curve(answer, drawn):
    assert log._scalars({"step": 1, "evaluations": {"set": answer}}) == drawn
