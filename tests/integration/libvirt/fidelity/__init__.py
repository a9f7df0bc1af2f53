"""What proves that the libvirt driver's fields are what they say: a run that is recorded, and a table of checks."""
