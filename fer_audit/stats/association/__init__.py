"""Whether any difference can be detected at all: permutation of people."""
