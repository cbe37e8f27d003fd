"""Adapters, one file a source: what to ask, how to page, how to read. Pure."""
