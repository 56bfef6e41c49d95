"""Every confusion between every pair of slices at once: which ones can be told from chance?"""
