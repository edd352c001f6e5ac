"""The SDK: a running Promptwire from Python."""
