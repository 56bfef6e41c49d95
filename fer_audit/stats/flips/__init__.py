"""Counterfactual flips: does an answer change when only one attribute of the same face does?"""
