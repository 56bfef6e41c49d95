"""Differences of rates between slices: people as units, apart or shared, with the bounds of FAIL and PASS."""
