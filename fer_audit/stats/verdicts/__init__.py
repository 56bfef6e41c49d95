"""From what was compared to PASS, FAIL or INCONCLUSIVE, in words and numbers."""
