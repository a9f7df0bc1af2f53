"""The tests of hvinspect."""
