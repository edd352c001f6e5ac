"""The place for keeping what must not be said out of a stream, before any of it is shown."""
