"""Trials are drawn where they belong: at their setting, at what they reached."""

from foveate.plots.search import value_by_setting

SPACE = [
    {"name": "kinds", "log": False, "choices": ["both", "spatial"]},
    {"name": "rate", "log": False, "choices": []},
    {"name": "weight", "log": True, "choices": []},
]
TRIALS = [
    {"settings": {"kinds": "spatial", "rate": 0.1, "weight": 5.0}, "value": 0.9},
    {"settings": {"kinds": "both", "rate": 0.2, "weight": 1.0}, "value": 0.8},
    {"settings": {"kinds": "spatial", "rate": 0.05, "weight": 20.0}, "value": 0.7},
]


def test_every_setting_has_a_panel_and_every_trial_a_dot_the_best_its_own():
    figure = value_by_setting(SPACE, TRIALS, measure="AUC")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["kinds", "rate", "weight"]
    assert [axes.get_xscale() for axes in figure.axes] == ["linear", "linear", "log"]
    assert figure.axes[0].get_ylabel() == "AUC"
    drawn = [
        {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.get_lines()}
        for axes in figure.axes
    ]
    assert drawn == [
        {"best": ([1], [0.9]), "trials": ([0, 1], [0.8, 0.7])},
        {"best": ([0.1], [0.9]), "trials": ([0.2, 0.05], [0.8, 0.7])},
        {"best": ([5.0], [0.9]), "trials": ([1.0, 20.0], [0.8, 0.7])},
    ]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["both", "spatial"]
