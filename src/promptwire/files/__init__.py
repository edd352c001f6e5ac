"""The place where a prompt becomes a file and back: ours, and those of other tools with a report of what is lost."""
