"""Looks for unreadable names of tests: python3 test_names.py TEST_PROGRAM...

What GoogleTest cannot print it shows as bytes or as an address, which change from run to run. Give
a parameter a PrintTo beside its type, and INSTANTIATE_TEST_SUITE_P a function that names the cases.
"""

import re
import subprocess
import sys

UNREADABLE = re.compile(r"byte object|0x[0-9a-fA-F]+|pointing to")
NUMBERED = re.compile(r"^  \w+/(?P<number>\d+)  # GetParam\(\) = (?P<value>.*)")


def problems_of(listing):
    """Lines 'Suite.Test: what is wrong' for what --gtest_list_tests printed."""
    suite = ""
    for line in listing.splitlines():
        if not line.startswith(" "):
            suite = line.split()[0] if line.split() else ""
        elif UNREADABLE.search(line):
            yield f"{suite}{line.strip()}: a parameter without a PrintTo"
        elif (case := NUMBERED.match(line)) and case["value"] != case["number"]:
            yield f"{suite}{line.strip()}: a number for a name"


def listing_of(program):
    command = [program, "--gtest_list_tests"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main(*programs):
    listings = [listing_of(program) for program in programs]
    found = [problem for listing in listings for problem in problems_of(listing)]
    count = sum(line.startswith("  ") for listing in listings for line in listing.splitlines())
    print("\n".join(found) if found else f"{count} tests have readable names")
    return 1 if found or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
