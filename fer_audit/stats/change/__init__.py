"""A release against an earlier one on the same people and pictures: each person is compared with himself."""
