"""The fault lab: breaks Pubcat on purpose, and proves that nothing is lost and nothing doubled."""
