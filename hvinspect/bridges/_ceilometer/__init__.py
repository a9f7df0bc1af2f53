"""For ceilometer's compute agent: its meters of every guest of a host, from one snapshot per polling cycle.

Ceilometer finds all of it by entry points: pollsters.py and discovery.py for releases from 24.0.0 on, inspector.py for
older ones, options.py for its configuration file. Nothing of ceilometer's is changed, here or at run time.
"""
