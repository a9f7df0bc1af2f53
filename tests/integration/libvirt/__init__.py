"""The libvirt driver against a libvirtd and guests of the lab's own."""
