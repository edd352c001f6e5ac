"""The place for what can be said about a prompt without running it."""
