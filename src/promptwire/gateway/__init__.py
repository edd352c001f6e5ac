"""The place where HTTP meets the services: the contract's routes, streams, OpenAI's face and the console."""
