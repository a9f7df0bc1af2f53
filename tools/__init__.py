"""What the project runs on itself; none of it is installed."""
