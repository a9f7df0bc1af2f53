"""The lab's recording, played without a lab: the tables of fields and keys hold for it."""
