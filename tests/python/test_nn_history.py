"""`History.plot`: curves of training and validation."""

import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from skarma import nn

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closes_figures():
    plt.close("all")  # those of other tests
    yield
    plt.close("all")


def history(epochs=3, validation=True, metrics=("accuracy",)):
    random_state = np.random.RandomState(0)
    x = random_state.normal(size=(60, 5))
    y = np.abs(x[:, :3]).argmax(axis=1)
    model = nn.Sequential([nn.Dense(8, "relu"), nn.Dense(3, "softmax")], random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=list(metrics))
    split = 0.2 if validation else 0.0
    return model.fit(x, y, epochs=epochs, validation_split=split, verbose=0)


def curves(axes):
    return {line.get_label(): line.get_xydata() for line in axes.lines}


def test_each_metric_has_a_picture_with_training_and_validation():
    made = history()
    places = made.plot()
    assert [axes.get_ylabel() for axes in places] == ["loss", "accuracy"]
    assert len({axes.figure for axes in places}) == 1 == len(plt.get_fignums())
    for axes, name in zip(places, ("loss", "accuracy"), strict=True):
        for label, column in (("training", name), ("validation", f"val_{name}")):
            expected = np.column_stack([[1, 2, 3], made.history[column]])
            np.testing.assert_array_equal(curves(axes)[label], expected)
        assert axes.get_xlabel() == "epoch"
        assert [text.get_text() for text in axes.get_legend().texts] == ["training", "validation"]
        assert all(tick == round(tick) for tick in axes.get_xticks())


def test_what_was_not_measured_is_not_drawn():
    [axes] = history(validation=False, metrics=()).plot()
    assert list(curves(axes)) == ["training"]


def test_one_epoch_can_be_seen():
    assert history(epochs=1).plot()[0].lines[0].get_marker() == "o"
    assert history(epochs=21).plot()[0].lines[0].get_marker() == ""


def test_draws_what_is_named_where_it_is_told_to():
    made = history()
    _, (left, right) = plt.subplots(1, 2)
    assert made.plot("accuracy", axes=right) == [right]
    assert right.get_ylabel() == "accuracy"
    assert not left.has_data()
    assert made.plot("accuracy", "loss", axes=np.array([left, right])) == [left, right]
    assert left.get_ylabel() == "accuracy"
    assert len(plt.get_fignums()) == 1


def test_is_in_the_style_of_the_package_and_leaves_the_users_alone():
    settings = dict(matplotlib.rcParams)
    axes = history().plot()[0]
    assert not axes.spines["top"].get_visible()
    assert axes.figure.get_layout_engine() is not None
    assert dict(matplotlib.rcParams) == settings


def test_wrong_names_and_places():
    made = history()
    with pytest.raises(KeyError, match="'val_loss': the history has loss, accuracy."):
        made.plot("val_loss")
    _, axes = plt.subplots()
    with pytest.raises(ValueError, match=r"2 names to draw, on an axes each. Got 1 axes\."):
        made.plot(axes=axes)
    with pytest.raises(TypeError, match="axes are those of matplotlib. Got 3 instead"):
        made.plot("loss", axes=3)
    with pytest.raises(ValueError, match="no epochs to draw"):
        nn.History().plot()


def test_says_that_matplotlib_is_missing(monkeypatch):
    made = history(epochs=1)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        made.plot()
