"""Traces: kept, found, and shown as trees."""
