"""Records: what is kept of every run, however it ended."""
