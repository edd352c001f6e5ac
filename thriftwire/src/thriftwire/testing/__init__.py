"""For those who test what they build on thriftwire: machines in pairs, a conformance kit, a network that misbehaves."""

from thriftwire.testing.conformance import check_machine, checks
from thriftwire.testing.mutation import mutations, survive
from thriftwire.testing.pair import Pair

__all__ = ["Pair", "check_machine", "checks", "mutations", "survive"]
