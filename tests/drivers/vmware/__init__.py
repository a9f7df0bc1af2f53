"""The driver vmware, on replies that were recorded from a server or written by hand after its own."""
