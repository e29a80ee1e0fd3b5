"""The journal of a search: an SQLite file in which each fit is kept as soon as it is done."""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from skarma._fit_reports import RecordedFit
from skarma._journal_parts import (
    difference_of,
    digest_of_folds,
    is_unseeded,
    parts_of,
    plain,
    require_known,
    require_seeds,
)
from skarma._journal_texts import are_equal, text_of

# docs/guide/journal.md describes the file, which the program `skarma` reads and writes, too.
_APPLICATION = 0x736B6A6C
_VERSION = 1
_PATIENCE = 60.0  # seconds for other writers

# Scores and times have columns without a type: SQLite would store -0.0 as 0 in one of type REAL.
_TABLES = """
CREATE TABLE search (part TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
CREATE TABLE plan (n_candidates INTEGER NOT NULL, n_folds INTEGER NOT NULL,
                   metrics TEXT NOT NULL, has_train_scores INTEGER NOT NULL);
CREATE TABLE candidates (id INTEGER PRIMARY KEY, number INTEGER NOT NULL,
                         digest TEXT NOT NULL UNIQUE, params TEXT NOT NULL);
CREATE TABLE fits (id INTEGER PRIMARY KEY AUTOINCREMENT,
                   candidate INTEGER NOT NULL REFERENCES candidates, fold INTEGER NOT NULL,
                   fit_time, score_time, well_defined INTEGER NOT NULL, error TEXT, warning TEXT,
                   score_errors TEXT, finished TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
                   UNIQUE (candidate, fold));
CREATE TABLE scores (candidate INTEGER NOT NULL, fold INTEGER NOT NULL, part TEXT NOT NULL,
                     metric TEXT NOT NULL, score, UNIQUE (candidate, fold, part, metric));
CREATE VIEW results AS
  SELECT candidates.id AS candidate, params, fold, part, metric, score, fit_time, score_time,
         error, warning
  FROM fits JOIN candidates ON candidates.id = fits.candidate
       LEFT JOIN scores USING (candidate, fold);
"""


@contextmanager
def _in_words(path: str) -> Iterator[None]:
    """Say what SQLite refuses in the user's terms."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        if "not a database" in text:
            raise ValueError(f"{path}: is not a journal of skarma") from error
        if "malformed" in text or text.startswith("no such "):
            raise ValueError(
                f"{path}: the journal is damaged ({text}); 'sqlite3 FILE .recover' may save rows"
            ) from error
        if "unable to open" in text or "readonly" in text:
            raise OSError(f"{path}: the journal cannot be opened: {text}") from error
        raise OSError(
            f"{path}: the journal cannot be written: {text}. The fits that it has stay."
        ) from error


def _number(score: float | None) -> float:
    return math.nan if score is None else float(score)  # SQLite has no NaN: it is NULL there


class SearchJournal:
    """The journal of one search, as one process has it open.

    Parameters
    ----------
    path : str or path-like
        The file, which may be new.

    parts : dict of str -> str
        What the search is of.

    candidates : list of dict
        What is searched.

    metrics : list of str
        The metrics' names in the results.

    n_folds : int
        How many folds there are.

    has_train_scores : bool
        Whether training scores are kept as well.

    are_several : bool
        Whether scores are told by the metrics' names.

    Raises
    ------
    ValueError
        For a file that is no journal, is damaged, or is of another search.

    OSError
        Where it cannot be opened or written.
    """

    def __init__(
        self,
        path: Any,
        parts: dict[str, str],
        candidates: Any,
        metrics: list[str],
        n_folds: int,
        has_train_scores: bool,
        are_several: bool,
    ) -> None:
        self.path = os.fspath(path)
        self._metrics, self._has_train_scores = metrics, has_train_scores
        self._n_folds, self._are_several = n_folds, are_several
        self._candidates = candidates
        self._digests = [self._digest_of(candidate) for candidate in candidates]
        self._numbers = {digest: number for number, digest in enumerate(self._digests)}
        self._require_told_apart()
        self._ids: dict[str, int] = {}
        self._last = 0
        self._own: set[tuple[int, int]] = set()  # what this process has added since `_last`
        if os.path.exists(self.path) and not os.path.isfile(self.path):
            raise ValueError(f"{self.path}: is not a regular file, which a journal is")
        with _in_words(self.path):
            # SQLite takes names such as ":memory:" for no file at all.
            file = os.path.abspath(self.path)
            self._db = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
        try:
            with _in_words(self.path):
                self._check_format()
                self._switch_to_wal()
                self._db.execute("PRAGMA synchronous = NORMAL")
                self.is_new = self._adopt(parts)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @staticmethod
    def _digest_of(candidate: dict[str, Any]) -> str:
        items = [(name, text_of(value)) for name, value in sorted(candidate.items())]
        return hashlib.sha1(repr(items).encode(), usedforsecurity=False).hexdigest()

    def _require_told_apart(self) -> None:
        for number, digest in enumerate(self._digests):
            other = self._numbers[digest]
            for name, value in self._candidates[number].items():
                if not are_equal(value, self._candidates[other][name]):
                    raise ValueError(
                        f"A search with a journal cannot tell its candidates {number} and {other} "
                        f"apart: each has {text_of(value)} as {name!r}, and they are not equal."
                    )

    def _value(self, query: str) -> Any:
        return self._db.execute(query).fetchone()[0]

    def _switch_to_wal(self) -> None:
        """Of several that switch at once SQLite refuses some without waiting."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.005)

    def _check_format(self) -> None:
        self._db.execute("BEGIN")  # of one moment: another process may make it a journal now
        try:
            application = self._value("PRAGMA application_id")
            n_tables = self._value("SELECT count(*) FROM sqlite_master")
            version = self._value("PRAGMA user_version")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        if application != _APPLICATION and n_tables > 0:
            raise ValueError(
                f"{self.path}: is an SQLite file, and no journal of skarma; it stays as it is"
            )
        if version > _VERSION:
            raise ValueError(
                f"{self.path}: is a journal of a newer skarma (format {version}; this one knows "
                f"{_VERSION})"
            )
        check = self._value("PRAGMA quick_check(1)")
        if check != "ok":
            raise sqlite3.DatabaseError(f"malformed: {check}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing is kept."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _adopt(self, parts: dict[str, str]) -> bool:
        with self._transaction():
            if self._value("SELECT count(*) FROM sqlite_master") == 0:
                self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._db.execute(f"PRAGMA user_version = {_VERSION}")
                for statement in _TABLES.split(";"):
                    self._db.execute(statement)
                self._db.executemany("INSERT INTO search VALUES (?, ?)", parts.items())
                self._db.execute(
                    "INSERT INTO plan VALUES (?, ?, ?, ?)",
                    (
                        len(self._candidates),
                        self._n_folds,
                        json.dumps(self._metrics),
                        int(self._has_train_scores),
                    ),
                )
                return True
            there = dict(self._db.execute("SELECT part, value FROM search ORDER BY rowid"))
            difference = difference_of(there, parts)
            if difference:
                raise ValueError(f"The journal {self.path!r} is of {difference}.")
            self._db.execute(
                "UPDATE plan SET n_candidates = max(n_candidates, ?)", (len(self._candidates),)
            )
            return False

    def order_seed(self) -> int | None:
        """None for the first process; others begin elsewhere, since it may still be at work."""
        return None if self.is_new else secrets.randbits(32)

    def recorded(self) -> list[RecordedFit]:
        """The fits that are there without an error, in the order of the results."""
        return sorted(self.news(), key=lambda fit: (fit.candidate, fit.fold))

    def news(self) -> list[RecordedFit]:
        """The fits of others that have come since this was asked."""
        with _in_words(self.path):
            rows = self._rows("fits.id > ?", self._last)
            self._last = max([self._last, *(row[0] for row in rows)])
            fits = [self._recorded(*row[1:]) for row in rows if self._is_news(*row[1:4])]
            self._own.clear()  # no row comes twice
        # What has failed is tried again.
        return [fit for fit in fits if not fit.has_failed]

    def _is_news(self, digest: str, key: int, fold: int) -> bool:
        return digest in self._numbers and (key, fold) not in self._own

    def _rows(self, condition: str, *values: Any) -> list[Any]:
        return self._db.execute(
            "SELECT fits.id, digest, candidate, fold, fit_time, score_time, warning, error "
            f"FROM fits JOIN candidates ON candidates.id = candidate WHERE {condition} "
            "ORDER BY fits.id",
            values,
        ).fetchall()

    def _recorded(
        self,
        digest: str,
        key: int,
        fold: int,
        fit_time: Any,
        score_time: Any,
        warning: Any,
        error: Any,
    ) -> RecordedFit:
        scores, has_nan = self._scores(key, fold)
        return RecordedFit(
            candidate=self._numbers[digest],
            fold=fold,
            fit_time=_number(fit_time),
            score_time=_number(score_time),
            warning=warning or "",
            scores=scores,
            has_failed=error is not None or has_nan,
        )

    def _scores(self, key: int, fold: int) -> tuple[dict[str, Any], bool]:
        """The scores of a fit as its row has them, and whether one is NaN."""
        by_part: dict[str, dict[str, float]] = {}
        for part, metric, score in self._db.execute(
            "SELECT part, metric, score FROM scores WHERE candidate = ? AND fold = ? "
            "ORDER BY rowid",
            (key, fold),
        ):
            by_part.setdefault(f"{part}_scores", {})[metric] = _number(score)
        has_nan = any(math.isnan(s) for scores in by_part.values() for s in scores.values())
        if self._are_several:
            return {part: scores for part, scores in by_part.items()}, has_nan
        # A callable may have given several scores of its own.
        return {
            part: scores["score"] if list(scores) == ["score"] else scores
            for part, scores in by_part.items()
        }, has_nan

    def _id_of(self, candidate: int) -> int:
        digest = self._digests[candidate]
        if digest not in self._ids:
            self._db.execute(
                "INSERT INTO candidates (number, digest, params) VALUES (?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (candidate, digest, json.dumps(plain(self._candidates[candidate]))),
            )
            found = self._db.execute("SELECT id FROM candidates WHERE digest = ?", (digest,))
            self._ids[digest] = found.fetchone()[0]
        return self._ids[digest]

    def append(self, fit: Any, row: dict[str, Any]) -> RecordedFit | None:
        """Keep a row for good, before this returns.

        Parameters
        ----------
        fit : DoneFit
            The fit.

        row : dict
            What it came to, as scikit-learn's `_fit_and_score` returns it.

        Returns
        -------
        recorded : RecordedFit or None
            What another process had appended before: that stays.
        """
        known = dict(self._ids)
        try:
            with _in_words(self.path), self._transaction():
                key = self._id_of(fit.candidate)
                if not self._put(key, fit, row):
                    found = self._rows("candidate = ? AND fold = ?", key, fit.fold)
                    return self._recorded(*found[0][1:])
                self._put_scores(key, fit.fold, row)
        except BaseException:
            self._ids = known
            raise
        if self._numbers[self._digests[fit.candidate]] == fit.candidate:  # an equal one has news
            self._own.add((key, fit.fold))
        return None

    def _put(self, key: int, fit: Any, row: dict[str, Any]) -> bool:
        cursor = self._db.execute(
            "INSERT INTO fits (candidate, fold, fit_time, score_time, well_defined, error, "
            "warning) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "fit_time = excluded.fit_time, score_time = excluded.score_time, "
            "well_defined = excluded.well_defined, error = excluded.error, "
            "warning = excluded.warning, finished = CURRENT_TIMESTAMP "
            "WHERE fits.error IS NOT NULL OR EXISTS (SELECT 1 FROM scores WHERE "
            "scores.candidate = fits.candidate AND scores.fold = fits.fold AND score IS NULL)",
            (
                key,
                fit.fold,
                row["fit_time"],
                row["score_time"],
                int(not fit.is_doubtful),
                row["fit_error"],
                fit.warning or None,
            ),
        )
        return cursor.rowcount > 0

    def _put_scores(self, key: int, fold: int, row: dict[str, Any]) -> None:
        metrics = list(self._by_metric(row["test_scores"]))
        if metrics != self._metrics:  # the names that a callable has given its scores
            self._db.execute("UPDATE plan SET metrics = ?", (json.dumps(metrics),))
            self._metrics = metrics
        parts = ("test", "train") if self._has_train_scores else ("test",)
        self._db.executemany(
            "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?)",
            [
                (key, fold, part, metric, float(score))
                for part in parts
                for metric, score in self._by_metric(row[f"{part}_scores"]).items()
            ],
        )

    @staticmethod
    def _by_metric(scores: Any) -> dict[str, Any]:
        return scores if isinstance(scores, dict) else {"score": scores}


@contextmanager
def opened(search: Any, rung: Any) -> Iterator[SearchJournal]:
    """The journal of a search, open for its candidates.

    Raises
    ------
    ValueError
        For a search that cannot be repeated, and as `SearchJournal` does.
    """
    fits = rung.fits
    if is_unseeded(getattr(search, "random_state", 0)):
        raise ValueError(
            "A search with a journal needs a whole number as 'random_state' of the search, so that "
            "its candidates are the same each time; got None or a generator."
        )
    require_known(search.estimator)
    require_seeds(search.estimator, rung.candidates)
    splits = list(rung.splits)
    again = list(fits.cv.split(fits.X, fits.y, **fits.given.split))
    if digest_of_folds(splits) != digest_of_folds(again):
        raise ValueError(
            "A search with a journal needs the same folds each time: give the splitter a whole "
            "number as random_state."
        )
    journal = SearchJournal(
        search.journal,
        parts_of(search, fits, splits),
        rung.candidates,
        [name for name, _ in fits.metrics.all],
        rung.n_splits,
        search.return_train_score,
        fits.metrics.are_several,
    )
    try:
        yield journal
    finally:
        journal.close()
