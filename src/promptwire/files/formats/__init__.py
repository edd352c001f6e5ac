"""The formats of other tools, each a module: what it says becomes ours, and ours what it can say."""
