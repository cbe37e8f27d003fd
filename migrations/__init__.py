"""How the catalog's shape changes: one revision a change, named by date."""
