"""What the driver vmware is made of, besides its hooks."""
