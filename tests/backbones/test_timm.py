"""Networks of timm are tapped as they are: gates, stages and self-attention, in seven families.

Any of them learns from a teacher of its own kind with every method that its attention allows.
"""

import copy

import pytest
import torch

from foveate.backbones.synchronised import synchronised
from foveate.backbones.timm import TimmNetwork
from foveate.blueprint import build, describe
from foveate.distill.askd import AttentionSimilarity
from foveate.distill.at import AttentionTransfer
from foveate.distill.fitnet import FitNet
from foveate.distill.fkd import FeatureKD
from foveate.distill.fskd import FeatureSimilarity
from foveate.distill.horkd import HybridOrderKD
from foveate.distill.kd import LogitKD
from foveate.distill.rkd import RelationalKD
from foveate.distill.self_attention import SelfAttentionSimilarity
from foveate.errors import RecipeError
from foveate.heads.softmax import Softmax
from foveate.model_file import load_model, save_model
from foveate.objective import Objective, Weighted
from foveate.taps import Taps
from foveate.teacher import LiveTeacher
from foveate.views import FaceViews, Views

FAMILIES = {
    "resnet with CBAM": ("resnet10t", "cbam"),
    "seresnet": ("seresnet18", "none"),
    "mobilenetv3": ("mobilenetv3_small_050", "none"),
    "efficientnet": ("efficientnet_lite0", "none"),
    "efficientnet with SE": ("efficientnet_b0", "none"),
    "ecaresnet": ("ecaresnet26t", "none"),
    "ViT": ("test_vit", "none"),
}
"""Name in timm, and attention it is given."""

GATED = [name for name in FAMILIES if name not in ("ViT", "efficientnet")]
SIZE = 64
ANYWHERE = (LogitKD, RelationalKD, FeatureKD, HybridOrderKD)


def network(family, seed=0):
    model, attention = FAMILIES[family]
    torch.manual_seed(seed)
    return TimmNetwork(model, attn_layer=attention, size=SIZE)


@pytest.fixture
def views():
    generator = torch.Generator().manual_seed(0)
    high = torch.randn(3, 3, SIZE, SIZE, generator=generator)
    low = torch.nn.functional.interpolate(torch.nn.functional.avg_pool2d(high, 4), SIZE)
    return Views(high, low, torch.arange(3))


def methods(family):
    """Distillers for a family: attention where it has gates or self-attention, features and logits anywhere."""
    anywhere = [method() for method in ANYWHERE]
    looks = [AttentionSimilarity()] if family in GATED else [SelfAttentionSimilarity()] if family == "ViT" else []
    return [*looks, AttentionTransfer(), FitNet(), FeatureSimilarity(), *anywhere]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_step_with_every_method_teaches_it(family, views):
    distillers = {type(method).__name__: Weighted(method, 1.0) for method in methods(family)}
    student, teacher = network(family, 1), network(family, 2)
    objective = Objective(student, Softmax(student.embedding, 3), distillers=distillers)
    guide = LiveTeacher(teacher, head=Softmax(teacher.embedding, 3), globs=objective.globs)
    losses = objective(views, teacher=guide(views))
    assert all(loss.isfinite() for loss in losses.terms.values())
    assert set(losses.terms) == {"softmax", *distillers}
    losses.total.backward()
    assert all(value.grad is not None for value in student.parameters())
    assert all(value.grad is None for value in guide.parameters())


@pytest.mark.parametrize("family", GATED)
def test_gates_are_found_with_their_stage_and_hold_maps(family, views):
    made = network(family).eval()
    _, caught = Taps(made, ["*.gate"])(views.high)
    calls = caught["*.gate"]
    stages = [call.stage for call in calls]
    assert stages == sorted(stages)
    assert set(stages) <= {"stage1", "stage2", "stage3", "stage4"}
    assert "stage4" in stages
    assert all(((call.output >= 0) & (call.output <= 1)).all() for call in calls)


@pytest.mark.parametrize("family", FAMILIES)
def test_tapping_changes_no_answer(family, views):
    made = network(family).eval()
    glob = "*.attn.attn_drop" if family == "ViT" else "stage[1-4]"
    with torch.no_grad():
        plain = made(views.high)
        tapped, caught = Taps(made, [glob])(views.high)
    torch.testing.assert_close(tapped, plain, rtol=1e-4, atol=1e-5)
    assert plain.shape == (3, made.embedding)
    if family == "ViT":
        assert all(module.fused_attn for module in made.modules() if hasattr(module, "fused_attn"))
        maps = [call.input for call in caught[glob]]
        torch.testing.assert_close(maps[0].sum(3), torch.ones_like(maps[0].sum(3)))
        assert [call.stage for call in caught[glob]] == ["stage1", "stage2", "stage2", "stage3", "stage4", "stage4"]
    else:
        sides = [call.output.shape[2] for call in caught[glob]]
        assert sides == sorted(sides, reverse=True)


def test_features_of_transformers_are_maps_over_places(views):
    """What a transformer says of one corner of the image stands in that corner; class tokens stand nowhere."""
    for model, channels, side in [("test_vit", 64, 4), ("test_vit2", 64, 4), ("swin_tiny_patch4_window7_224", 96, 16)]:
        torch.manual_seed(0)
        made = TimmNetwork(model, size=SIZE).eval()
        answers: list[torch.Tensor] = []
        level = made.network.get_submodule(made._ends[0])
        level.register_forward_hook(lambda *call, answers=answers: answers.append(call[2]))
        with torch.no_grad():
            shown = Taps(made, ["stage[1-4]"])(views.high)[1]["stage[1-4]"][0].output
        assert shown.shape == (3, channels, side, side)
        answer = answers[0].flatten(1, -2)[:, -side * side :]
        assert torch.equal(shown[:, :, 1, 2], answer[:, side + 2])


@pytest.mark.parametrize(("model", "prefix", "has_class"), [("test_vit", 1, True), ("test_vit2", 1, False)])
def test_tokens_before_the_patches_are_known(model, prefix, has_class):
    made = TimmNetwork(model, size=SIZE)
    assert (made.prefix, made.has_class) == (prefix, has_class)


@pytest.mark.parametrize("family", ["seresnet", "ViT"])
def test_copies_and_rebuilt_networks_see_their_own_features(family, views):
    made = network(family).eval()
    copied = copy.deepcopy(made)
    again = build(describe(made)).eval()
    again.load_state_dict(made.state_dict())
    with torch.no_grad():
        for value in copied.parameters():
            value.mul_(0.5)
        one, two, three = (Taps(net, ["stage[1-4]"])(views.high)[1]["stage[1-4]"] for net in (made, copied, again))
    assert not torch.equal(one[3].output, two[3].output)
    assert torch.equal(one[3].output, three[3].output)


def test_a_deeper_teacher_is_matched_by_stage(views):
    torch.manual_seed(0)
    student, teacher = TimmNetwork("seresnet18", size=SIZE), TimmNetwork("seresnet34", size=SIZE)
    method = AttentionSimilarity(match="stage")
    objective = Objective(student, Softmax(student.embedding, 3), distillers={"askd": Weighted(method, 1.0)})
    assert objective(views, teacher=LiveTeacher(teacher, globs=objective.globs)(views)).terms["askd"] > 0


def test_an_unknown_network_and_attention_it_cannot_take_are_refused():
    with pytest.raises(RecipeError, match="timm has no network 'resnet1'"):
        TimmNetwork("resnet1")
    with pytest.raises(RecipeError, match="--attention none"):
        TimmNetwork("test_vit", attn_layer="cbam")


@pytest.mark.parametrize("family", ["mobilenetv3", "resnet with CBAM"])
def test_statistics_of_all_ranks_leave_activations_and_answers_as_they_are(family, views):
    plain = network(family).eval()
    other = synchronised(network(family)).eval()
    with torch.no_grad():
        assert torch.allclose(plain(views.low), other(views.low), rtol=1e-4, atol=1e-5)
    assert any(isinstance(module, torch.nn.SyncBatchNorm) for module in other.modules())
    assert plain.state_dict().keys() == other.state_dict().keys()


def test_buffers_that_no_file_holds_come_back_with_the_model(tmp_path):
    """A Swin transformer's relative positions are computed when it is made, and no part of its weights."""
    torch.manual_seed(0)
    made = TimmNetwork("swin_tiny_patch4_window7_224", size=SIZE).eval()
    card = {"network": describe(made), "head": None, "views": describe(FaceViews())}
    save_model(tmp_path / "model.safetensors", {f"network.{k}": v for k, v in made.state_dict().items()}, card)
    before = torch.random.get_rng_state()
    loaded = load_model(tmp_path / "model.safetensors").network
    assert torch.equal(torch.random.get_rng_state(), before)
    images = torch.randn(1, 3, SIZE, SIZE)
    with torch.no_grad():
        torch.testing.assert_close(loaded(images), made(images))
