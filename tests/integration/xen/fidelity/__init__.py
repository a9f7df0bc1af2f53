"""How each field that the Xen driver gives is known to be true: by which source besides its own."""
