"""Counted work is what the operations' definitions say, and memory is what PyTorch's allocator really hands out."""

import pytest
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode
from torchvision.ops import deform_conv2d

from foveate.backbones.iresnet import IResNet
from foveate.blueprint import build, describe
from foveate.flops import Work, count, head_work, network_work, parameter_bytes, training_work
from foveate.heads.arcface import ArcFace
from foveate.objective import Objective


def _count(module, *shape, backward=False):
    return count(module, lambda: (torch.empty(*shape),), backward=backward, precision="float32")


def test_a_multiply_add_is_two_operations():
    assert _count(nn.Linear(5, 7, bias=False), 3, 5).flops == 2 * 3 * 5 * 7
    convolution = nn.Conv2d(3, 5, 3, padding=1, bias=False)
    forward = 2 * (2 * 8 * 8) * 5 * (3 * 3 * 3)
    assert _count(convolution, 2, 3, 8, 8).flops == forward
    # Backwards the images want no gradient, the weights do.
    assert _count(convolution, 2, 3, 8, 8, backward=True).flops == 2 * forward
    twice = nn.Sequential(convolution, nn.Conv2d(5, 5, 1, bias=False))
    second = 2 * (2 * 8 * 8) * 5 * 5
    assert _count(twice, 2, 3, 8, 8, backward=True).flops == 2 * forward + 3 * second


def test_forwards_it_is_what_torchs_own_counter_counts():
    network = IResNet(18, width=4, embedding=8, size=32).eval()
    images = torch.randn(3, 3, 32, 32)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(images)
    assert network_work(network, size=32, batch=3, backward=False).flops == counter.get_total_flops()


def test_a_sum_written_as_a_product_with_ones_counts_as_bytes():
    class Sum(nn.Module):
        def forward(self, x):
            return x.new_ones(1, len(x)) @ x

    found = _count(Sum(), 6, 4)
    assert found.flops == 0
    assert found.moved == 4 * (6 + 6 + 6 * 4 + 4)  # the ones are written, then read


def test_bytes_are_moved_by_all_but_views_and_products():
    assert _count(nn.ReLU(), 2, 3).moved == 4 * (6 + 6)
    assert _count(nn.Flatten(), 2, 3, 4).moved == 0
    assert _count(nn.Linear(3, 5, bias=False), 2, 3).moved == 0
    assert _count(nn.Sequential(nn.ReLU(), nn.Sigmoid()), 2, 3).moved == 4 * 4 * 6


def test_what_the_backward_pass_needs_is_kept_once():
    module = nn.Sequential(nn.Linear(4, 8, bias=False), nn.ReLU(), nn.Linear(8, 1, bias=False))
    found = _count(module, 5, 4, backward=True)
    assert found.kept == 4 * 5 * 8  # the answer of the ReLU, which is also the input of the layer behind it
    assert _count(module, 5, 4).kept == 0


def test_forwards_memory_is_alive_no_longer_than_it_is_used():
    layers = nn.Sequential(*(nn.ReLU() for _ in range(10)))
    assert _count(layers, 100).peak == 4 * 2 * 100


def _measured_peak(network, head, images, label):
    """From PyTorch's record of every block that its allocator handed out and took back."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        head(network(images), label).loss.backward()
    events = [event for event in recorded.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    return most


def test_the_peak_is_the_one_that_is_measured():
    torch.manual_seed(0)
    objective = Objective(IResNet(18, width=8, embedding=16, size=48), ArcFace(16, 10))
    images, label = torch.randn(8, 3, 48, 48), torch.arange(8)
    measured = _measured_peak(objective.network, objective.head, images, label)
    counted = training_work(objective, size=48, batch=8, precision="float32")
    assert counted.peak == pytest.approx(measured, rel=0.02)
    assert counted.peak > parameter_bytes(objective)


def test_activations_grow_with_the_batch_and_are_smaller_in_bf16():
    network = IResNet(18, width=8, embedding=16, size=48)
    small, large = (network_work(network, size=48, batch=batch, backward=True) for batch in (8, 16))
    exact = network_work(network, size=48, batch=16, backward=True, precision="float32")
    assert large.flops == 2 * small.flops == exact.flops
    assert 1.5 * small.kept < large.kept < 2 * small.kept  # weights in bf16 are kept whatever the batch
    assert large.kept < 0.8 * exact.kept


def test_distillation_costs_one_more_forward_pass(made):
    base, askd = (
        training_work(made[name].objective, made[name].teacher, size=112, batch=4) for name in ("base", "askd")
    )
    forward = network_work(made["base"].objective.network, size=112, batch=4, backward=False)
    assert askd.flops - base.flops == pytest.approx(forward.flops, rel=1e-3)
    assert askd.moved > base.moved + forward.moved


def test_a_head_of_millions_of_classes_needs_no_memory_to_be_counted():
    with torch.device("meta"):
        head = ArcFace(512, 2_000_000)
    found = head_work(head, batch=4)
    product = 2 * 4 * 512 * 2_000_000
    assert found.flops == 3 * product
    assert found.peak > parameter_bytes(head) == 4 * 512 * 2_000_000


def test_an_objective_without_memory_counts_the_same_and_stays_as_it_was(made):
    real = made["base"].objective
    before = {name: value.clone() for name, value in real.state_dict().items()}
    found = training_work(real, size=112, batch=2)
    assert all(torch.equal(value, before[name]) for name, value in real.state_dict().items())
    assert all(value.grad is None for value in real.parameters())
    with torch.device("meta"):
        without = Objective(build(describe(real.network)), build(describe(real.head)))
    assert training_work(without, size=112, batch=2) == found


def test_time_at_the_limits():
    work = Work(flops=6, moved=4)
    assert work.seconds(3.0, 2.0) == 2 + 2
    assert work + work == Work(12, 8)


def test_a_deformable_convolution_is_a_convolution_of_what_it_gathered():
    class Deformable(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.shifts = nn.Parameter(torch.zeros(5, 4, 3, 3)), nn.Conv2d(4, 18, 1, bias=False)

        def forward(self, x):
            return deform_conv2d(x, self.shifts(x), self.weight, padding=1)

    places = 2 * 8 * 8
    shifts, product = 2 * places * 18 * 4, 2 * places * 5 * (4 * 3 * 3)
    assert _count(Deformable(), 2, 4, 8, 8).flops == shifts + product
    assert _count(Deformable(), 2, 4, 8, 8, backward=True).flops == 2 * shifts + 3 * product
