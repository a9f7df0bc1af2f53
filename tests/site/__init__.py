"""The documentation as a reader has it in front of him: built, served, and looked at in Chromium."""
