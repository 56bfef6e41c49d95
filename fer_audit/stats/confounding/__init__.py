"""What else differs between slices: comparison within strata, and adjustment for measured covariates."""
