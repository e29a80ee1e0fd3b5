"""What the scripts of tools/ and of this folder make of their inputs."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "ci"))

import junit  # noqa: E402
import lint  # noqa: E402
import test_names  # noqa: E402

DIFF = """diff --git a/cli/x.cpp b/cli/x.cpp
--- a/cli/x.cpp
+++ b/cli/x.cpp
@@ -1,2 +3 @@ void f() {
@@ -5 +7,3 @@
@@ -9,2 +11,0 @@
--- a/core/base/gone.hpp
+++ b/core/base/gone.hpp
@@ -1,4 +0,0 @@
--- a/tests/y.cpp
+++ b/tests/y.cpp
@@ -1 +1 @@
"""

LISTING = """Rows/Predict.
  Whole/511  # GetParam() = 511
  Whole/0  # GetParam() = 7
  Whole/Seven  # GetParam() = 7
Typed/0.  # TypeParam = float
  Loss/Squared  # GetParam() = 24-byte object <08-00 A8-A0>
  Text/0  # GetParam() = 0x55d0 pointing to "adam"
Plain.
  Test
"""


def after_sourcing_common(script):
    command = ["bash", "-c", f"source tools/common.sh; {script}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


class Tools(unittest.TestCase):
    def test_clang_tidy_hears_of_changed_lines_of_ours_alone(self):
        self.assertEqual(lint.lines_of(DIFF), {"cli/x.cpp": [[3, 3], [7, 9]]})

    def test_unreadable_names_are_told(self):
        told = [problem.split("  #")[0] for problem in test_names.problems_of(LISTING)]
        self.assertEqual(told, ["Rows/Predict.Whole/0", "Typed/0.Loss/Squared", "Typed/0.Text/0"])

    def test_a_stage_counts_all_of_its_reports_and_shows_that_it_failed(self):
        with tempfile.TemporaryDirectory() as folder:
            own, ctest, pytest = (f"{folder}/{name}.xml" for name in ("own", "ctest", "pytest"))
            junit.write_counts(ctest, "ctest", "3 passed, 0 failed, 1 skipped")
            junit.write_counts(pytest, "pytest", "2 passed, 0 failed, 0 skipped")
            passed = junit.close(own, "own", 0, ctest, pytest)
            self.assertEqual(junit.text(passed), "5 passed, 0 failed, 1 skipped")
            self.assertFalse(Path(own).exists())
            for _ in range(2):
                failed = junit.close(own, "own", 7, ctest, pytest)
                self.assertEqual(junit.text(failed), "5 passed, 1 failed, 1 skipped")

    def test_a_stage_without_a_report_is_one_test(self):
        with tempfile.TemporaryDirectory() as folder:
            for status, counts in ((0, "1 passed, 0 failed, 0 skipped"), (1, "0 passed, 1 failed")):
                self.assertIn(counts, junit.text(junit.close(f"{folder}/{status}", "x", status)))

    def test_progress_keeps_the_first_line_the_last_and_every_other_kind(self):
        lines = [
            "[1/4] Building a",
            "[2/4] Building b",
            "error: b",
            "  [3/4] Building c",
            "[4/4] Done",
        ]
        done = after_sourcing_common(
            "printf '%s\\n' " + " ".join(f"'{x}'" for x in lines) + " | every_half_minute"
        )
        self.assertEqual(done.stdout.splitlines(), [lines[0], lines[2], lines[4]])

    def test_a_failed_compilation_behind_pip_shows_all_and_fails(self):
        done = after_sourcing_common("compile_with false install . && echo went on")
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("went on", done.stdout)


if __name__ == "__main__":
    unittest.main()
