"""Pooled and mean-subtracted correlations are both drawn, and can be told apart."""

from foveate.plots.correlation import attention_correlation


def estimate(mean, spread=None):
    return {"mean": mean, "low": spread and mean - spread, "high": spread and mean + spread}


def row(recipe, centred, spread=None):
    stages = {
        f"stage{n}": {"centred": estimate(value, spread), "pooled": estimate(0.9)} for n, value in centred.items()
    }
    return {"label": recipe, "recipe": recipe, "kinds": {"channel": stages, "spatial": stages}}


def lines(axes, label):
    return [line for line in axes.get_lines() if line.get_label() == label]


def test_each_kind_has_a_panel_with_a_filled_and_a_hollow_curve_a_method():
    rows = [row("base", {1: 0.1, 2: 0.2, 3: 0.3, 4: 0.4}), row("askd", {1: 0.5, 2: 0.6, 3: 0.7, 4: 0.8}, 0.1)]
    channel, spatial = attention_correlation(rows).axes
    for axes in (channel, spatial):
        base, askd = lines(axes, "centred")
        assert list(base.get_ydata()) == [0.1, 0.2, 0.3, 0.4]
        assert list(askd.get_ydata()) == [0.5, 0.6, 0.7, 0.8]
        assert all(line.get_markerfacecolor() == "none" for line in lines(axes, "pooled"))
        assert base.get_color() != askd.get_color()
        assert len(lines(axes, "interval")) == 4


def test_intervals_that_reach_far_do_not_flatten_the_curves():
    channel, _ = attention_correlation([row("askd", {1: 0.5, 2: 0.7}, 6.0)]).axes
    low, high = channel.get_ylim()
    assert (low, high) == (-0.15, 1.05)


def test_a_stage_without_a_number_is_left_out():
    channel, _ = attention_correlation([row("askd", {1: 0.5, 2: None, 3: 0.7})]).axes
    assert list(lines(channel, "centred")[0].get_ydata()) == [0.5, 0.7]
