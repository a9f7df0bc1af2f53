"""What a vCenter or an ESX host answered, what it must become, and the traps in between.

A case is a folder under ``cases/``: the virtual machines of one server at one moment.

``about.json``
    ``shows``: a line on what it is for. ``made``: ``recorded``, then with ``server``, or ``by hand``, then with
    ``from``, the source of its shape. ``groups``: what is asked for, if it is not the default.
``NUMBER-METHOD.xml``
    The replies in the order of the calls; a fault's is ``NUMBER-METHOD.fault.xml``.
``expected.json``
    The records, as ``hvinspect.to_dict()`` writes them.

A report of something wrong becomes such a folder: record it where it happens, correct ``expected.json`` by hand, and
mend the decoder. See ``tools/record_vmware.py``.
"""
