"""Cells that belong together, one module a family: each offers ``cells()``, and is listed in the register."""
