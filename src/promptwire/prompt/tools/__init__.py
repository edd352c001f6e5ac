"""The tools of a prompt: mocks, real calls, and the rounds in which a model calls them."""
