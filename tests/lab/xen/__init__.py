"""A real Xen with a dom0 and its guests, in one emulator process, made from the distribution's packages."""
