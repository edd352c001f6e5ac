"""The commands' arguments; what they do is in journeys/test_checkout.py."""

import pytest

from promptwire.cli import main, parser
from promptwire.commands.asking import WRONG


def test_each_command_says_its_exit_codes() -> None:
    for command in ("pull", "push", "diff", "status"):
        options = parser().parse_args([command, "a", "shop/", "--server", "http://x"])
        assert options.names == ["a", "shop/"]


def test_a_label_and_a_version_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["pull", "--label", "a", "--version", "1"])
    assert left.value.code == WRONG
    assert "not allowed with" in capsys.readouterr().err
