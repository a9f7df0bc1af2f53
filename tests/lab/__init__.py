"""A laboratory: real hypervisors with guests of known load, on one machine, leaving nothing behind."""
