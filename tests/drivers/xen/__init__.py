"""The driver xen on a dom0 that is made up: a library, a xenstored and a sysfs of the tests' own."""
