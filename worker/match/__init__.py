"""Are two records one work? Blocking keys, evidence, verdict, clusters. Pure."""
