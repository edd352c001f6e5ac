"""Kitex's own wires: TTHeader frames, unary calls and streams."""
