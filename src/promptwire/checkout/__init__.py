"""The place where prompts of a server lie in a folder as files, edited by people and kept in step by a lockfile."""
