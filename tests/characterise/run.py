#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run the tests beside this file and report in KTAP."""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Ktap(unittest.TestResult):
    """A line for each test, the reason of a failure in front of it."""

    def _line(self, word, test, more=""):
        print(f"{word} {self.testsRun} - {test.id()}{more}", flush=True)

    def addSuccess(self, test):
        self._line("ok", test)

    def addSkip(self, test, reason):
        self._line("ok", test, f" # SKIP {reason}")

    def _bad(self, test, err):
        for line in self._exc_info_to_string(err, test).splitlines():
            print(f"# {line}")
        self._line("not ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._bad(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._bad(test, err)


def main():
    sys.path.insert(0, str(HERE))
    suite = unittest.defaultTestLoader.discover(str(HERE))
    print(f"KTAP version 1\n1..{suite.countTestCases()}")
    result = Ktap()
    suite.run(result)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
