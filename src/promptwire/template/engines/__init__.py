"""Template languages: one module each, with the same faces."""
