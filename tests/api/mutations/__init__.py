"""The corpus that the gate is measured with: single changes of the real package, each with the truth about it."""
