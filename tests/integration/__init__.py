"""Tests on real hypervisors, run inside a lab."""
