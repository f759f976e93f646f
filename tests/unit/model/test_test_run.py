from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hatoba.model.test_run import Case, cases, script

TAP = """\
TAP version 13
1..5
some other output
ok 1 - adds
not ok 2 - subtracts
  ---
  message: 'wrong'
  severity: fail
  ...
# looked at twice
ok 3 multiplies # SKIP no numbers
not ok - divides # TODO later
ok
Bail out!
"""


def test_tap_is_read() -> None:
    assert cases(TAP) == [
        Case(1, "adds", passed=True),
        Case(2, "subtracts", False, "", "message: 'wrong'\nseverity: fail\nlooked at twice"),
        Case(3, "multiplies", True, "SKIP no numbers"),
        Case(4, "divides", False, "TODO later"),
        Case(5, "", passed=True),
    ]


def test_other_output_has_no_cases() -> None:
    assert cases("===== 3 passed in 0.1s =====\nokay\nnotok 1\nok1\n") == []


@given(st.text())
def test_whatever_is_printed_can_be_read(text: str) -> None:
    assert all(case.number >= 0 for case in cases(text))


def test_preparing_goes_before_testing_in_one_shell() -> None:
    assert script(None, "pytest") == "pytest"
    assert script("pip install .", "pytest") == "(\npip install .\n) && (\npytest\n)"
