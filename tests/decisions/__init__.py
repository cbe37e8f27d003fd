"""Random sequences of decisions, payloads and reindexes: what the catalog says depends on nothing else."""
