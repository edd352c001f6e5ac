"""Settings come from arguments, then the environment, then defaults; what does not fit is refused by name."""

from pathlib import Path

import pytest

from promptwire.settings import Settings, SettingsError, load, to_environment, unknown_variables


def test_nothing_set_gives_the_defaults() -> None:
    assert load({}) == Settings()
    assert load({}).database == "sqlite:///promptwire-data/promptwire.db"


def test_an_argument_wins_over_the_environment() -> None:
    environment = {"PROMPTWIRE_PORT": "9001", "PROMPTWIRE_DATA": "/srv/data"}
    assert load(environment).port == 9001
    assert load(environment, port=9002, host=None).port == 9002
    assert load(environment).data == Path("/srv/data")


def test_an_empty_variable_counts_as_absent() -> None:
    assert load({"PROMPTWIRE_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("environment", "arguments", "named"),
    [
        ({"PROMPTWIRE_PORT": "eighty"}, {}, "PROMPTWIRE_PORT"),
        ({"PROMPTWIRE_PORT": "65536"}, {}, "PROMPTWIRE_PORT"),
        ({"PROMPTWIRE_HOSTS": "https://prompts.example"}, {}, "PROMPTWIRE_HOSTS"),
        ({}, {"transport": "pigeon"}, "--transport"),
        ({}, {"drain_s": "-1"}, "--drain-s"),
        ({}, {"colour": "red"}, "colour"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_the_name_that_was_written(
    environment: dict[str, str], arguments: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        load(environment, **arguments)


def test_a_misspelt_variable_is_reported_with_the_likely_name() -> None:
    sentences = unknown_variables({"PROMPTWIRE_PROT": "1", "PROMPTWIRE_REQUIRE": "redis", "PATH": "/bin"})
    assert sentences == ["PROMPTWIRE_PROT is not a setting; did you mean PROMPTWIRE_PORT?"]


def test_postgresql_replaces_the_file() -> None:
    assert load({"PROMPTWIRE_DATABASE_URL": "postgresql://db/promptwire"}).database == "postgresql://db/promptwire"


def test_a_child_gets_the_same_settings() -> None:
    settings = load({}, port=0, data="/srv/data", redis_url="redis://r", drain_s=0.25)
    assert load(to_environment(settings)) == settings
