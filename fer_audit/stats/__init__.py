"""From predictions to an outcome: counts, measures, comparisons, bounds. Knows no model and no dataset."""
