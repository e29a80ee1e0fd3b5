"""JUnit reports of CI: `close` makes a stage's report tell the truth, `sum` adds reports up.

junit.py close REPORT NAME EXIT_STATUS [MADE...]
                                          prints "N passed, N failed, N skipped" of one stage, whose
                                          reports are REPORT or MADE
junit.py counts REPORT NAME TEXT          makes one of a runner's "N passed, N failed, N skipped"
junit.py sum REPORT...                    prints the sum; exit status 1 if any failed or none passed
"""

import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path


def outcome(case):
    """passed, failed or skipped, for one <testcase> of CTest or pytest."""
    tags = {child.tag for child in case}
    if tags & {"failure", "error"} or case.get("status") == "fail":
        return "failed"
    if "skipped" in tags or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def count(report):
    try:
        return Counter(outcome(case) for case in ET.parse(report).iter("testcase"))
    except (OSError, ET.ParseError):
        return Counter()


def write_counts(report, name, line):
    """A report for a runner that wrote none, from its last line; anything else is a failure."""
    found = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", line.strip())
    if not found:
        write_one(report, name, f"the runner ended with: {line}")
        return
    suite = ET.Element("testsuite", name=name)
    for tag, n in zip((None, "failure", "skipped"), map(int, found.groups()), strict=True):
        for i in range(n):
            case = ET.SubElement(
                suite, "testcase", name=f"{name} {tag or 'passed'} {i}", classname=name
            )
            if tag:
                ET.SubElement(case, tag)
    ET.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)


def write_one(report, name, failure=None):
    """A report with one test: passed, or failed with a message."""
    suite = ET.Element("testsuite", name=name)
    case = ET.SubElement(suite, "testcase", name=name, classname="ci")
    if failure is not None:
        ET.SubElement(case, "failure", message=failure)
    Path(report).parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)


def add_failure(report, name, message):
    """Keeps the cases that are there and adds one that failed."""
    tree = ET.parse(report)
    case = ET.SubElement(tree.getroot(), "testcase", name=name, classname="ci")
    ET.SubElement(case, "failure", message=message)
    tree.write(report, encoding="utf-8", xml_declaration=True)


def count_all(reports):
    return sum((count(report) for report in reports), Counter())


def close(report, name, status, *made):
    """A stage that failed must show a failure; one that wrote no report is one test of its own."""
    reports = {Path(path) for path in (report, *made)}
    counts = count_all(reports)
    if not counts:
        write_one(report, name, f"exit status {status}" if status else None)
    elif status and not counts["failed"]:
        message = f"exit status {status}, though no test failed"
        (add_failure if count(report) else write_one)(report, name, message)
    return count_all(reports)


def text(counts):
    return ", ".join(f"{counts[key]} {key}" for key in ("passed", "failed", "skipped"))


def main(command, *arguments):
    if command == "close":
        report, name, status, *made = arguments
        print(text(close(report, name, int(status), *made)))
        return 0
    if command == "counts":
        write_counts(*arguments)
        return 0
    if command == "sum":
        total = count_all(arguments)
        print(text(total))
        return 1 if total["failed"] or not total["passed"] else 0
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
