"""How many times faster than scikit-learn searches behind any transformers are, in one run.

    SKARMA_TEST_DATA=... python bench/python/any_pipeline.py [--repeats N] [--share S] [NAME...]

'adult' needs the folder `tabular` of the test data: categories by one-hot, numbers scaled, in
compressed rows. 'texts' are generated documents by TF-IDF, 'vectorizers' the same with three
settings of TF-IDF among the candidates, each of which is fitted for itself. Both searches run with
`n_jobs=2`; the figure is the ratio of the minima over the repeats, and scores are compared, so that
both did the same work.
"""

import argparse
import gzip
import os
import sys
import time
import warnings
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy is there

import numpy as np  # noqa: E402
import sklearn  # noqa: E402
import sklearn.model_selection  # noqa: E402
import sklearn.neural_network  # noqa: E402
from sklearn.compose import make_column_transformer  # noqa: E402
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import OneHotEncoder, StandardScaler  # noqa: E402

import skarma  # noqa: E402
import skarma.model_selection  # noqa: E402

NUMBERS = [0, 2, 4, 10, 11, 12]


def search(transformers, X, y, grid, **options):
    def run(networks, model_selection):
        mlp = networks.MLPClassifier(
            max_iter=10, tol=0, n_iter_no_change=10, random_state=0, **options
        )
        pipeline = make_pipeline(transformers, mlp)
        found = model_selection.GridSearchCV(pipeline, grid, n_jobs=2, cv=5, refit=False)
        found.fit(X, y)
        return found.cv_results_["mean_test_score"], getattr(found, "search_path_", "")

    return run


def adult(share):
    """12 candidates x 5 folds x 10 epochs over 32,561 people."""
    folder = Path(os.environ["SKARMA_TEST_DATA"]) / "tabular"
    with gzip.open(folder / "adult-train.csv.gz", "rt") as file:
        rows = [line.strip().split(", ") for line in file if line.strip()]
    table = np.array(rows[: int(share * len(rows))], dtype=object)
    table[:, NUMBERS] = table[:, NUMBERS].astype(float)
    categories = [column for column in range(14) if column not in NUMBERS]
    columns = make_column_transformer(
        (StandardScaler(), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore"), categories),
        sparse_threshold=1.0,
    )
    grid = {
        "mlpclassifier__alpha": [1e-4, 1e-2, 1.0],
        "mlpclassifier__hidden_layer_sizes": [(20,), (50,)],
        "mlpclassifier__learning_rate_init": [1e-3, 1e-2],
    }
    return search(columns, table[:, :14], table[:, 14].astype(str), grid)


def texts(share, grid=()):
    """12 candidates x 5 folds over generated documents."""
    random_state = np.random.RandomState(0)
    n_documents, n_words = int(share * 4000), 5000
    common = 1 / np.arange(1, n_words + 1)  # Zipf's law
    words = np.array([f"word{number}" for number in range(n_words)])
    y = random_state.randint(4, size=n_documents)
    documents = []
    for label in y:
        p = common * (1 + 3 * (np.arange(n_words) % 4 == label))
        documents.append(" ".join(random_state.choice(words, 60, p=p / p.sum())))
    grid = grid or {
        "mlpclassifier__alpha": [1e-4, 1e-2, 1.0],
        "mlpclassifier__hidden_layer_sizes": [(20,), (50,)],
        "mlpclassifier__learning_rate_init": [1e-3, 1e-2],
    }
    return search(TfidfVectorizer(), documents, y, grid)


def vectorizers(share):
    """12 candidates x 5 folds, 3 settings of the vectorizer x 4 of the network."""
    grid = {
        "tfidfvectorizer__min_df": [1, 3, 10],
        "mlpclassifier__hidden_layer_sizes": [(20,), (50,)],
        "mlpclassifier__learning_rate_init": [1e-3, 1e-2],
    }
    return texts(share, grid)


CASES = {"adult": adult, "texts": texts, "vectorizers": vectorizers}


def seconds_of(run, *modules):
    start = time.perf_counter()
    scores, path = run(*modules)
    return time.perf_counter() - start, scores, path


def measure(run, repeats):
    """The least seconds of each, and the largest difference of their scores."""
    theirs, ours, difference = [], [], 0.0
    for _ in range(repeats):
        seconds, expected, _ = seconds_of(run, sklearn.neural_network, sklearn.model_selection)
        theirs.append(seconds)
        seconds, got, path = seconds_of(run, skarma, skarma.model_selection)
        ours.append(seconds)
        if path != "native":
            raise SystemExit(f"the search was not native: {path}")
        difference = max(difference, float(np.max(np.abs(expected - got))))
    return min(theirs), min(ours), difference


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of the samples that are used")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    options = parser.parse_args()
    unknown = set(options.names) - set(CASES)
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(CASES)}")
    warnings.simplefilter("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"  # of scikit-learn's workers
    print(f"scikit-learn {sklearn.__version__}, skarma {skarma.__version__}")
    print("| case | scikit-learn (s) | skarma (s) | ratio | difference |")
    print("| --- | --- | --- | --- | --- |")
    for name in options.names or CASES:
        theirs, ours, difference = measure(CASES[name](options.share), options.repeats)
        print(f"| {name} | {theirs:.3f} | {ours:.3f} | {theirs / ours:.1f} | {difference:.1e} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
