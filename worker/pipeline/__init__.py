"""One file a stage, over batches: a fixed, small number of SQL statements each."""
