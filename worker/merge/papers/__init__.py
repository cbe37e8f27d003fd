"""One paper from what its records say, and why each value stayed. Start at ``merging``.

Every field has a total order over the records, made of what the records themselves say: completeness of
the text, the version described, the source's trust, the source's own dates, a hash. When a record arrived
and which number it got never matter, so any order of the same records gives the same paper. Merging starts from
the records each time, never from the last result.
"""
