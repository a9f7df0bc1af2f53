"""A vCenter and an ESX host, simulated by govmomi, with numbers of the lab's own and faults on demand."""
