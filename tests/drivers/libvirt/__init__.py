"""What libvirt answered, what it must become, and the traps in between.

A case is a folder under ``cases/``: one domain at one moment.

``about.json``
    ``shows``: a line on what it is for. ``made``: ``recorded`` or ``by hand``, then with ``from``, the source of its
    shape. ``hypervisor`` (as virConnectGetType has it) and its version, ``libvirt``: the daemon's version, ``groups``:
    what was asked for, ``native_id``: the domain's id if it ran, ``flags``: of the bulk call, if not 0.
``domain.xml``
    Its description, as virDomainGetXMLDesc gave it.
``reply.json``
    ``bulk``: the keys of virDomainListGetStats, where the hypervisor has it. ``calls``: the answer to each call made of
    this domain alone, by name and arguments: ``"blockInfo vda": [67108864, 4096, 67108864]``. A call that failed has
    ``{"error": [number, message]}``.
``expected.json``
    The record, as ``hvinspect.to_dict()`` writes it: what is None is left out, and its reason is in ``absences``.

A report of something wrong becomes such a folder: record it where it happens, correct ``expected.json`` by hand, and
mend the decoder. See ``tools/record_libvirt.py``.
"""
