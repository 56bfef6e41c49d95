"""Other tools on the same data: what they say of a fair model, and of a planted gap.

Only this package imports them; ``pip install --group peers`` fetches them, and one that is missing is
reported as missing.
"""
