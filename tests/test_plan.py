"""A plan is the formula of docs/planning.md, its counts grow with what they are of, and published rates are near it."""

import dataclasses
import inspect
import json
import math

import pytest
import torch

from foveate.backbones.iresnet import IResNet
from foveate.bench.trial import Trial
from foveate.cluster import UTILISATION, Cluster
from foveate.commands.plan import Flags
from foveate.errors import RecipeError
from foveate.flops import SGD_PASSES, Work, head_work, network_work, parameter_bytes
from foveate.heads.arcface import ArcFace
from foveate.job import DATA_SETS, Job
from foveate.plan import ALLOWANCE, Layout, _fits, plan
from foveate.scale import SMALL

CLUSTER = Cluster(gpus=4, peak_tflops=100.0, bandwidth=1000.0, memory_gb=10.0, utilisation=0.5, price=3.0)
JOB = Job(images=1001, identities=5000, epochs=3, batch=10, sampling=0.1)


@pytest.fixture(scope="module")
def tiny():
    return Trial(dataclasses.replace(SMALL, width=4, embedding=16), classes=8, drawn=4)


@pytest.fixture(scope="module")
def planned(tiny):
    return plan("askd", tiny, JOB, CLUSTER)


def _layouts(found) -> dict[str, Layout]:
    return {layout.name: layout for layout in found.layouts}


def test_the_time_is_that_of_the_formula(planned):
    whole = _layouts(planned)["whole"]
    with torch.device("meta"):
        head = ArcFace(16, JOB.identities)
    counted = head_work(head, batch=JOB.batch) + Work(moved=SGD_PASSES * parameter_bytes(head))
    flops = JOB.batch * 1e9 * sum(planned.gflops.values()) + counted.flops
    moved = JOB.batch * 1e6 * sum(planned.moved_mb.values()) + counted.moved
    assert whole.step_seconds == pytest.approx((flops / 100e12 + moved / 1000e9) / 0.5)
    steps = math.ceil(1001 / 40) * 3
    assert whole.hours == pytest.approx(steps * whole.step_seconds / 3600)
    assert whole.gpu_hours == pytest.approx(4 * whole.hours)
    assert whole.cost == pytest.approx(3 * whole.gpu_hours)
    assert whole.images_per_second == pytest.approx(40 / whole.step_seconds)


def test_the_parts_are_the_student_thrice_the_teacher_once(planned):
    assert set(planned.gflops) == {"student", "teacher", "distillation", "optimiser"}
    # The first convolution wants no gradient of the images, so it is a little less than three times.
    assert 2.9 < planned.gflops["student"] / planned.gflops["teacher"] <= 3
    assert planned.gflops["distillation"] == planned.gflops["optimiser"] == 0
    assert planned.moved_mb["distillation"] > 0


def test_without_a_teacher_nothing_is_distilled(tiny, planned):
    base = plan("base", tiny, JOB, CLUSTER)
    assert set(base.gflops) == {"student", "optimiser"}
    assert base.gflops["student"] == planned.gflops["student"]
    ours, theirs = _layouts(base)["whole"], _layouts(planned)["whole"]
    assert ours.memory_gb["teacher's weights"] == 0 < theirs.memory_gb["teacher's weights"]
    assert ours.step_seconds < theirs.step_seconds


def test_sharded_centres_take_a_share_of_the_memory_and_the_same_products(planned):
    layouts = _layouts(planned)
    centres = 4 * 16 * JOB.identities / 1e9
    assert layouts["whole"].memory_gb["class centres"] == pytest.approx(centres)
    assert layouts["sharded"].memory_gb["class centres"] == pytest.approx(centres / 4)
    assert layouts["sampled"].memory_gb["centres' momentum"] == pytest.approx(centres / 4)
    assert layouts["whole"].head_gflops == pytest.approx(3 * 2 * 16 * JOB.identities / 1e9)
    assert layouts["sharded"].head_gflops == layouts["whole"].head_gflops
    assert layouts["sampled"].head_gflops == pytest.approx(layouts["sharded"].head_gflops / 10)


def test_memory_is_the_sum_of_its_uses(planned):
    for layout in planned.layouts:
        uses = dict(layout.memory_gb)
        assert uses.pop("total") == pytest.approx(sum(uses.values()))
        assert uses["student's weights"] == uses["student's momentum"]


@pytest.mark.parametrize(("there", "fits"), [(1.01 * ALLOWANCE, "yes"), (1.01, "tight"), (0.99, "no")])
def test_what_fits_leaves_room(there, fits):
    assert _fits(1.0, there) == fits


def test_one_gpu_shares_with_nobody_and_distilled_logits_are_whole(tiny, planned):
    assert set(_layouts(planned)) == {"whole", "sharded", "sampled"}
    assert set(_layouts(plan("base", tiny, JOB, Cluster()))) == {"whole", "sampled"}
    kd = plan("askd_kd", tiny, JOB, CLUSTER)
    assert set(_layouts(kd)) == {"whole"}
    # The teacher's logits are a product, too, and its class centres are weights.
    logits = 2 * 16 * JOB.identities / 1e9
    assert kd.gflops["distillation"] == pytest.approx(logits)
    more = (
        _layouts(kd)["whole"].memory_gb["teacher's weights"] - _layouts(planned)["whole"].memory_gb["teacher's weights"]
    )
    assert more == pytest.approx(4 * 16 * JOB.identities / 1e9)


def test_a_plan_becomes_json(planned):
    found = json.loads(json.dumps(planned.to_json()))
    assert found["job"]["images"] == 1001
    assert [layout["name"] for layout in found["layouts"]] == ["whole", "sharded", "sampled"]


def test_the_paper_s_network_is_the_size_it_is_known_to_be():
    """6.3 billion multiply-adds: insightface states 6.3 GFLOPs for its r50, without attention."""
    with torch.device("meta"):
        network = IResNet(50, attention=None)
    found = network_work(network, size=112, batch=2, backward=False)
    assert found.flops / 2 / 2 / 1e9 == pytest.approx(6.3, abs=0.05)


@pytest.mark.parametrize(
    ("depth", "identities", "sampling", "published", "memory"),
    [
        (50, 4_000_000, 0.1, 4385, 10_890),
        (100, 2_000_000, 0.1, 3247, 11_987),
        (50, 4_000_000, 1.0, 2165, 26_622),
        (100, 2_000_000, 1.0, 2006, 20_310),
    ],
)
def test_published_rates_and_memory_are_near_the_formula(depth, identities, sampling, published, memory):
    """insightface, README of recognition/arcface_torch, March 2021: 8 V100 32 GB, fp16, batch 128 on each."""
    with torch.device("meta"):
        network, head = IResNet(depth, attention=None), ArcFace(512, int(identities / 8 * sampling))
    work = network_work(network, size=112, batch=128, backward=True)
    scored = head_work(head, batch=8 * 128)
    optimiser = Work(moved=SGD_PASSES * (parameter_bytes(network) + parameter_bytes(head)))
    ideal = (work + scored + optimiser).seconds(125e12, 900e9)
    utilisation = ideal * published / (8 * 128)
    if (depth, sampling) == (50, 0.1):
        assert utilisation == pytest.approx(UTILISATION, abs=0.005)  # where the constant comes from
    assert utilisation == pytest.approx(UTILISATION, rel=0.2)
    centres = 2 * 512 * 4 * identities / 8
    counted = 2 * parameter_bytes(network) + centres + work.kept + scored.peak
    assert 1.3 < memory * 2**20 / counted < ALLOWANCE


def test_the_flags_have_the_defaults_of_what_they_become():
    flags = Flags()
    for name, parameter in inspect.signature(Job).parameters.items():
        if getattr(flags, name, None) is not None:
            assert getattr(flags, name) == parameter.default, name
    casia = DATA_SETS[flags.set]
    assert (Job().images, Job().identities) == (casia.images, casia.identities)


@pytest.mark.parametrize("wrong", [{"images": 0}, {"identities": 1}, {"batch": 0}, {"sampling": 0.0}, {"epochs": 0}])
def test_an_impossible_job_is_refused(wrong):
    with pytest.raises(RecipeError, match="make no"):
        Job(**wrong)


@pytest.mark.parametrize("wrong", [{"gpus": 0}, {"peak_tflops": 0.0}, {"utilisation": 1.5}, {"price": -1.0}])
def test_an_impossible_cluster_is_refused(wrong):
    with pytest.raises(RecipeError, match="make no"):
        Cluster(**wrong)


def test_only_arcface_has_centres_to_shard_or_to_sample(tiny):
    other = dataclasses.replace(tiny, scale=dataclasses.replace(tiny.scale, head="adaface"))
    assert list(_layouts(plan("teacher", other, JOB, CLUSTER))) == ["whole"]
    assert list(_layouts(plan("teacher", tiny, JOB, CLUSTER))) == ["whole", "sharded", "sampled"]
