"""Which server a command asks."""

import argparse

from promptwire.client.server import Server
from promptwire.commands.asking import add_server, server


def test_the_options_say_which_server() -> None:
    parser = argparse.ArgumentParser()
    add_server(parser)
    options = parser.parse_args(["--server", "http://x/", "--api-key", "k", "--user", "ann"])
    assert server(options) == Server(url="http://x", api_key="k", user="ann")
