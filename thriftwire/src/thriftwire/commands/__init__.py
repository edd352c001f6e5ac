"""The subcommands of ``thriftwire``, a module each."""
