"""Readers shared by sources. Pure: bytes or text in, records out."""
