"""What runs inside dom0 of the lab: guests that do what a test asks, and what Xen's own tools say of them."""
