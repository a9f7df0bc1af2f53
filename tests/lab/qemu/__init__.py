"""QEMU guests that no libvirt knows: started by the lab, with monitors of their own."""
