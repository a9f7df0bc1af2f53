"""The lab with the libvirt, the QEMU, the binding and the Python of other suites of Debian, together and crosswise."""
