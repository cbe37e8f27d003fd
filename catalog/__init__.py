"""What is known: tables, constraints, analysts' views, one engine. Knows nothing of the worker."""
