"""No bit of what skarma gives moves while it grows: bits.json has what came out before."""

import json

import bits
import pytest

from skarma import _native

RECORDS = json.loads(bits.RECORDS.read_text(encoding="utf-8"))


def test_no_bit_has_moved():
    if bits.machine() not in RECORDS:
        known = "; ".join(sorted(RECORDS))
        pytest.skip(
            f"no record of the bits of this machine ({bits.machine()}), only of: {known}. "
            "Record them from a commit before yours: python tests/python/bits.py --record"
        )
    then, now = RECORDS[bits.machine()], bits.hashes()
    assert not then.keys() - now.keys()  # a record need not know the newest cases
    moved = [name for name in then if then[name] != now[name]]
    assert not moved, f"{len(moved)} of {len(then)} moved: {moved}"


def test_the_list_is_long_enough():
    names = [name for name, _ in bits.cases()]
    assert len(names) == len(set(names))
    assert sum(name.startswith("fit:") for name in names) >= 80
    assert sum(name.startswith("search:") for name in names) >= 10


def test_every_name_of_a_parameter_is_in_the_list():
    """What a new solver, activation or loss gives is on record, too."""
    cases = {word for name, _ in bits.cases() for word in name.split()}
    for row in _native.mlp_regressor_parameters():
        if row["name"] in ("solver", "activation", "loss"):
            assert not set(row["names"]) - cases - {"squared_error"}  # which is the default
        elif row["name"] in ("dropout", "batch_norm", "residual", "layer_norm", "noise"):
            assert row["name"] in cases
