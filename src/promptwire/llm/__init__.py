"""The LLM service: models of many vendors behind one face, a stream of events."""
