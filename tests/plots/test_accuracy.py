"""Every mean, interval and seed is drawn where it belongs."""

from foveate.plots.accuracy import accuracy_by_method


def row(label, values, *, low=None, high=None):
    known = [value for value in values if value is not None]
    mean = sum(known) / len(known) if known else None
    return {"label": label, "recipe": "base", "authors": {"mean": mean, "low": low, "high": high, "values": values}}


def lines(axes, label):
    return [line for line in axes.get_lines() if line.get_label() == label]


def test_a_method_with_several_seeds_has_a_mean_an_interval_and_its_seeds():
    rows = [row("Base", [0.5, 0.75], low=0.25, high=1.0), row("A-SKD", [0.5])]
    (axes,) = accuracy_by_method([{"title": "LFW", "pairs": 600, "rows": rows}]).axes
    (seeds,) = lines(axes, "seeds")
    (interval,) = lines(axes, "interval")
    assert list(seeds.get_xdata()) == [50.0, 75.0]
    assert list(interval.get_xdata()) == [25.0, 100.0]
    assert [line.get_xdata()[0] for line in lines(axes, "mean")] == [62.5, 50.0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Base", "A-SKD"]


def test_every_set_has_a_panel():
    sets = [{"title": name, "pairs": 600, "rows": [row("Base", [0.5])]} for name in ("LFW", "AgeDB-30")]
    figure = accuracy_by_method(sets)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["LFW, 600 pairs", "AgeDB-30, 600 pairs"]


def test_a_method_without_a_number_keeps_its_line():
    (axes,) = accuracy_by_method([{"title": "LFW", "pairs": 1, "rows": [row("Base", [None])]}]).axes
    assert lines(axes, "mean") == []
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Base"]
