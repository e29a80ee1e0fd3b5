"""What people look at of a search: report_ and plot."""

import json
import pickle
import re
import shutil
import subprocess

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import MLPClassifier, nn
from skarma.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV

X, Y = load_iris(return_X_y=True)

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning"),
    pytest.mark.filterwarnings("ignore:One or more of the:UserWarning"),
]


def network(**parameters):
    return MLPClassifier(
        **{"hidden_layer_sizes": (3,), "max_iter": 6, "random_state": 0} | parameters
    )


def searched(estimator=None, grid=None, **options):
    grid = grid or {"alpha": [0.1, 9.0], "hidden_layer_sizes": [(2,), (8, 4)]}
    return GridSearchCV(estimator or network(), grid, **{"cv": 3} | options).fit(X, Y)


def data_of(report):
    page = report.to_html()
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text[1])


def test_a_report_has_the_figures_of_the_search():
    search = searched(return_train_score=True)
    data = data_of(search.report_)
    assert data["title"] == "GridSearchCV of MLPClassifier"
    assert data["subtitle"] == "Searched natively."
    assert (data["n_candidates"], data["n_splits"], data["best"]) == (4, 3, search.best_index_)
    [metric] = data["metrics"]
    for ours, theirs in (
        ("test_mean", "mean_test_score"),
        ("test_std", "std_test_score"),
        ("train_mean", "mean_train_score"),
        ("rank", "rank_test_score"),
    ):
        np.testing.assert_array_equal(metric[ours], search.cv_results_[theirs])
    assert data["parameters"] == [
        {"name": "alpha", "values": [0.1, 0.1, 9.0, 9.0]},
        {"name": "hidden_layer_sizes", "values": ["(2,)", "(8, 4)"] * 2},
    ]
    assert dict(data["best_params"]) == {
        "alpha": search.best_params_["alpha"],
        "hidden_layer_sizes": str(search.best_params_["hidden_layer_sizes"]),
    }
    assert data["warnings"][0][1] == 12 and "converged" in data["warnings"][0][0]
    [[name, [[label, losses]]]] = data["history"]
    assert (name, label) == ("loss", "training")
    np.testing.assert_array_equal(losses, search.best_estimator_.loss_curve_)


def test_what_failed_is_counted_on_both_paths():
    class Own(MLPClassifier):
        pass

    grid = {"learning_rate_init": [1e-3, 1e300], "hidden_layer_sizes": [(3,)]}
    for estimator, path in ((network(), "natively"), (Own(max_iter=4), "by scikit-learn's code")):
        data = data_of(searched(estimator.set_params(solver="sgd"), grid, refit=False).report_)
        assert path in data["subtitle"]
        assert data["n_failed"] == 3
        assert sum(count for _, count in data["failures"]) == 3
        assert all("non-finite" in text for text, _ in data["failures"])
        assert data["metrics"][0]["test_mean"][1] is None


def test_several_metrics_and_short_names():
    pipeline = make_pipeline(StandardScaler(), network())
    search = searched(
        pipeline,
        {"mlpclassifier__alpha": [0.1, 9.0]},
        scoring=["accuracy", "f1_macro"],
        refit="f1_macro",
    )
    data = data_of(search.report_)
    assert data["title"] == "GridSearchCV of StandardScaler + MLPClassifier"
    assert [m["name"] for m in data["metrics"]] == ["accuracy", "f1_macro"] and data["leading"] == 1
    assert data["parameters"][0]["name"] == data["best_params"][0][0] == "alpha"


def test_names_that_two_steps_have_stay_whole():
    pipeline = make_pipeline(StandardScaler(), StandardScaler(), network())
    names = [f"standardscaler-{n}__with_mean" for n in (1, 2)]
    data = data_of(searched(pipeline, {name: [True, False] for name in names}).report_)
    assert [p["name"] for p in data["parameters"]] == names


def test_the_training_of_a_list_of_layers():
    def layers(units=3):
        model = nn.Sequential([nn.Dense(units, "relu"), nn.Dense(3, "softmax")], random_state=0)
        model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
        return model

    search = searched(nn.Classifier(layers, epochs=3), {"units": [2, 5]})
    history = {name: dict(lines) for name, lines in data_of(search.report_)["history"]}
    assert history["loss"]["training"] == search.best_estimator_.history_.history["loss"]
    assert len(history["accuracy"]["training"]) == 3


def test_rungs_of_a_halving_search():
    halving = HalvingGridSearchCV(
        network(), {"alpha": [0.1, 1.0, 9.0]}, cv=3, factor=3, random_state=0
    ).fit(X, Y)
    data = data_of(halving.report_)
    assert data["parameters"][0] == {"name": "rung", "values": [0, 0, 0, 1]}


def test_others_estimators_have_reports_too():
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 10.0]}, cv=3).fit(X, Y)
    assert "LogisticRegression" in search.report_.to_markdown()


def test_the_best_of_many_candidates():
    grid = {"alpha": np.linspace(0, 1, 2050)}
    tiny = network(hidden_layer_sizes=(1,), max_iter=1)
    search = RandomizedSearchCV(tiny, grid, n_iter=2050, cv=2, refit=False, random_state=0)
    search.fit(X[::10], Y[::10])
    data = data_of(search.report_)
    assert data["n_candidates"] == 2050 and len(data["fit_time"]) == 2000
    worst = np.sort(search.cv_results_["rank_test_score"])[1999]
    assert max(data["metrics"][0]["rank"]) == worst
    best = data["parameters"][0]["values"][data["best"]]
    assert best == search.best_params_["alpha"]


def test_files(tmp_path):
    report = searched().report_
    report.save(tmp_path / "r.html")
    report.save(str(tmp_path / "r.md"))
    assert (tmp_path / "r.html").read_text() == report.to_html()
    assert (tmp_path / "r.md").read_text() == report.to_markdown()
    assert report.to_markdown().startswith("# GridSearchCV of MLPClassifier\n")
    with pytest.raises(ValueError, match=r"must end in .html or .md. Got 'r.pdf'"):
        report.save("r.pdf")
    assert report._repr_html_().startswith('<iframe srcdoc="&lt;!doctype html&gt;')


def test_before_a_fit_there_is_none():
    for look in (lambda s: s.report_, lambda s: s.plot()):
        with pytest.raises(NotFittedError):
            look(GridSearchCV(network(), {"alpha": [1.0]}))


def test_a_pickle_keeps_what_went_wrong():
    search = pickle.loads(pickle.dumps(searched()))
    assert data_of(search.report_)["warnings"][0][1] == 12


@pytest.mark.skipif(not shutil.which("chromium"), reason="there is no chromium to draw the page")
def test_the_page_draws_itself(tmp_path):
    search = searched(return_train_score=True)
    search.report_.save(tmp_path / "r.html")
    chromium = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    page = f"file://{tmp_path / 'r.html'}"
    drawn = subprocess.run(
        [*chromium, profile, "--virtual-time-budget=3000", page],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    ).stdout
    assert drawn.count("<tr") == 2 + 1 + 4 + 1  # best parameters, head, candidates, warnings
    assert drawn.count("<svg") == 2 + 1 + 1  # curves, all parameters, the training
    assert drawn.count("<circle") >= 2 * 2 * 2 and "<path" in drawn


# ---- plot ------------------------------------------------------------------------------------


@pytest.fixture
def axes():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, axes = pyplot.subplots()
    yield axes
    pyplot.close(figure)


def lines_of(axes):
    return {
        container.get_label(): np.asarray(container.lines[0].get_data()[1], float)
        for container in axes.containers
    }


def test_a_curve_over_one_parameter(axes):
    search = searched(grid={"alpha": [100.0, 0.1, 1.0]}, return_train_score=True)
    assert search.plot(ax=axes) is axes
    lines = lines_of(axes)
    order = [1, 2, 0]  # by alpha
    np.testing.assert_array_equal(lines["test"], search.cv_results_["mean_test_score"][order])
    np.testing.assert_array_equal(lines["train"], search.cv_results_["mean_train_score"][order])
    assert axes.get_xscale() == "log"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("alpha", "score")


def test_a_curve_over_two_parameters(axes):
    pipeline = make_pipeline(StandardScaler(), network())
    grid = {
        "mlpclassifier__alpha": [0.1, 9.0],
        "mlpclassifier__hidden_layer_sizes": [(2,), (8,)],
        "mlpclassifier__activation": ["relu", "tanh"],
    }
    search = searched(pipeline, grid, scoring=["accuracy", "f1_macro"], refit="accuracy")
    search.plot("alpha", "mlpclassifier__hidden_layer_sizes", metric="f1_macro", ax=axes)
    lines = lines_of(axes)
    assert list(lines) == ["(2,)", "(8,)"]
    means, params = search.cv_results_["mean_test_f1_macro"], search.cv_results_["params"]
    for units in ((2,), (8,)):
        expected = [
            max(
                mean
                for mean, p in zip(means, params, strict=True)
                if p["mlpclassifier__alpha"] == alpha
                and p["mlpclassifier__hidden_layer_sizes"] == units
            )
            for alpha in (0.1, 9.0)
        ]
        np.testing.assert_array_equal(lines[str(units)], expected)
    assert axes.get_legend().get_title().get_text() == "hidden_layer_sizes"


def test_words_are_drawn_in_their_order(axes):
    search = searched(grid={"activation": ["tanh", "relu"]})
    search.plot(ax=axes)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["tanh", "relu"]


def test_what_cannot_be_drawn(axes):
    search = searched()
    with pytest.raises(ValueError, match="varies alpha, hidden_layer_sizes. Got 'beta'"):
        search.plot("beta", ax=axes)
    with pytest.raises(ValueError, match="scores of score. Got 'f1'"):
        search.plot(metric="f1", ax=axes)
    with pytest.raises(ValueError, match="varies no parameter"):
        searched(grid=[{}]).plot(ax=axes)
