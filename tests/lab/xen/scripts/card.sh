#!/bin/sh
# Brings dom0's end of a guest's card up, and puts it into the bridge if there is one. By vif and XENBUS_PATH, as
# Xen's tools give them.
case $1 in
online | add)
    if [ -d /sys/class/net/xenbr0/bridge ]; then
        ip link set "$vif" master xenbr0
    fi
    ip link set "$vif" up
    xenstore-write "$XENBUS_PATH/hotplug-status" connected
    ;;
esac
