"""Our path, as it is timed, really trains and really embeds."""

import dataclasses
import functools

import torch

from foveate.bench.fast import fast_inference, fast_step
from foveate.bench.trial import batch_of, experiment
from foveate.chance import integer
from foveate.views import Batch


def test_a_step_is_views_objective_gradient_and_optimiser(trial, tmp_path):
    torch.manual_seed(0)
    gentle = functools.partial(torch.optim.SGD, lr=1e-4, momentum=0.9, nesterov=True)  # rounding is not to be amplified
    timed = dataclasses.replace(experiment("askd", trial, tmp_path / "timed"), optimiser=gentle)
    torch.manual_seed(0)
    naive = dataclasses.replace(experiment("askd", trial, tmp_path / "naive"), optimiser=gentle)
    batch = batch_of(trial, 4)
    step = fast_step(timed, batch, precision="float32")
    optimiser = naive.optimiser(value for value in naive.objective.parameters() if value.requires_grad)
    for number in range(2):
        loss = step()
        torch.manual_seed(integer("step", 0, number))
        views = naive.views(Batch(*batch), seed=0, epoch=number)
        want = naive.objective(views, teacher=naive.teacher(views))
        optimiser.zero_grad()
        want.total.backward()
        optimiser.step()
        torch.testing.assert_close(loss, want.total.detach(), rtol=1e-3, atol=1e-3)
    teacher, same = timed.teacher, naive.teacher
    assert all(
        torch.equal(*pair) for pair in zip(teacher.state_dict().values(), same.state_dict().values(), strict=True)
    )


def test_a_step_in_bf16_stays_finite_and_channels_last(trial, tmp_path):
    made = experiment("base", trial, tmp_path)
    step = fast_step(made, batch_of(trial, 4))
    assert all(step().isfinite() for _ in range(3))
    weight = made.objective.network.stage1[0].branch.conv1.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)


def test_inference_is_the_network_in_evaluation_mode(made):
    network = made["base"].objective.network
    images = torch.rand(3, 3, 112, 112) * 2 - 1
    network.train()
    exact = fast_inference(network, images, precision="float32")()
    with torch.no_grad():
        torch.testing.assert_close(exact, network.eval()(images), rtol=1e-3, atol=1e-4)
    blunt = fast_inference(network, images)()
    assert blunt.dtype == torch.float32
    assert torch.nn.functional.cosine_similarity(blunt, exact).min() > 0.9
