"""For those who test what they build on thriftwire: machines in pairs, a conformance kit, a network that misbehaves.

A server needs no socket: ``await server.start("memory:")``, then ``thriftwire.connect(server.address, …)``.
"""

from thriftwire.testing.conformance import check_machine, checks
from thriftwire.testing.faults import Faults, faulty
from thriftwire.testing.mutation import mutations, survive
from thriftwire.testing.pair import Pair
from thriftwire.testing.peers import ScriptedPeer, scripted, talking

__all__ = [
    "Faults",
    "Pair",
    "ScriptedPeer",
    "check_machine",
    "checks",
    "faulty",
    "mutations",
    "scripted",
    "survive",
    "talking",
]
