"""The prompt service: prompts written, kept, rendered and run."""
