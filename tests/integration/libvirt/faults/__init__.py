"""Faults made for real, one after another, and what a reader sees of each."""
