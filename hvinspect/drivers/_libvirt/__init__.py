"""What the driver libvirt is made of, besides its hooks."""
