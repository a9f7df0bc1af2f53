"""How fast hvinspect is beside the raw call and beside its peers; ``python -m benchmarks`` in a lab. See __main__."""
