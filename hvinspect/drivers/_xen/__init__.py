"""What the driver xen is made of, besides its hooks."""
