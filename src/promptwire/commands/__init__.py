"""The commands that ask a running server, each family a module."""
