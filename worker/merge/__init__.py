"""One paper, one course, one person from what many records say. Pure."""
