"""Every class of error has an exception of its own, in one tree, with everything the server said."""

from promptwire.api.base import Error
from promptwire.client import errors
from promptwire.client.errors import OF_CLASS, PromptwireError, Unreachable, of_failure, raised
from promptwire.errors import CLASSES, Failure


def test_every_class_has_its_own_exception_and_the_docstring_names_it() -> None:
    assert OF_CLASS.keys() == CLASSES.keys()
    assert len(set(OF_CLASS.values())) == len(CLASSES)
    for kind in OF_CLASS.values():
        assert issubclass(kind, PromptwireError)
        assert f"── {kind.__name__} " in (errors.__doc__ or "")


def test_an_error_keeps_what_the_server_said() -> None:
    error = Error(
        code=42901,
        class_="rate_limited",
        phase="mid_stream",
        message="slow down",
        retryable=True,
        retry_after_s=1.5,
        vendor="v",
        trace_id="t",
    )
    failure = raised(error)
    assert isinstance(failure, errors.Limited) and isinstance(failure, errors.RateLimited)
    assert failure.to_error() == error
    assert of_failure(failure) is failure
    assert isinstance(of_failure(Failure("not_found", "no")), errors.NotFound)


def test_a_server_that_is_not_there_is_overload_one_may_wait_for() -> None:
    failure = Unreachable("no server answers")
    assert (failure.class_, failure.retryable, failure.message) == ("overloaded", True, "no server answers")
