"""How Django writes days and hours where it does so by itself, by language."""
