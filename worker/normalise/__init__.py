"""Canonical forms of identifiers, titles, names, dates and texts. Pure."""
