#!/bin/sh
# Tells Xen which device a guest's disk is, by XENBUS_PATH.
case $1 in
add)
    device=$(xenstore-read "$XENBUS_PATH/params")
    xenstore-write "$XENBUS_PATH/physical-device" "$(stat -L -c %t:%T "$device")" \
        "$XENBUS_PATH/physical-device-path" "$device" "$XENBUS_PATH/hotplug-status" connected
    ;;
esac
