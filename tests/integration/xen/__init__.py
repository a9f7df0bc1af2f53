"""Xen with real guests, run inside dom0 of the lab."""
