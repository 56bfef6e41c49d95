"""How often the audit is wrong, and how often it sees what is there, by simulation: ``python -m simulation``.

Worlds with a known truth are drawn by generators of this package and judged by the functions of
``fer_audit.stats`` that judge real predictions, thousands of tables at a time. The package is no part of the
wheel: it shows what the wheel is worth.
"""
