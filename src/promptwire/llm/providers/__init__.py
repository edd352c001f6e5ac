"""Vendors: one module each, turning a chat request into the vendor's payload and its answer into chunks."""
