"""The place where a template and values become messages; the same in the server and in the SDK."""
