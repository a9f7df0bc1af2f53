"""Decoders of the drivers against what hypervisors answered."""
