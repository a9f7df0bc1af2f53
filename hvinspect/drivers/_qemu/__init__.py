"""What the driver qemu is made of, besides its hooks."""
