"""Real libraries of releases of Xen, without their hypervisor."""
