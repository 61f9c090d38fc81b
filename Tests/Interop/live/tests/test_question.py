# lakebase-swift · Apache License 2.0 · see LICENSE
"""The question before a run: only who is there and says yes gets on."""

import pytest
from live.question import agreed

pytestmark = [pytest.mark.local_only("tests of script/test live itself"), pytest.mark.any_postgres]


def ask(assume_yes=False, answer=None, terminal=True):
    said = []

    def read():
        if answer is None:
            raise EOFError
        return answer

    return agreed("What it does.", "Really?", assume_yes, said.append, read, terminal), said


@pytest.mark.parametrize(
    ("answer", "agrees"), [("yes", True), (" YES ", True), ("y", False), ("", False), ("no", False), (None, False)]
)
def test_only_yes_is_yes(answer, agrees):
    assert ask(answer=answer)[0] is agrees


def test_without_a_terminal_the_option_is_wanted():
    agrees, said = ask(answer="yes", terminal=False)
    assert not agrees
    assert "--yes" in said[-1]


def test_with_the_option_it_is_said_and_not_asked():
    agrees, said = ask(assume_yes=True, terminal=False)
    assert agrees
    assert said[0] == "What it does."
