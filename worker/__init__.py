"""How the catalog learns: sources, parsing, matching, merging, Celery, command line."""
