"""Ratios of rates between slices: score bounds on counts worth fewer images than they hold."""
