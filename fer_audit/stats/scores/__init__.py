"""Means of numbers that are no shares of images (Brier score, overconfidence), compared between slices."""
