"""Pubcat measured against its peers and the physical limit, in the same run."""
