"""What is published, and where it installs: beside a distribution's binding, and beside an OpenStack release."""
