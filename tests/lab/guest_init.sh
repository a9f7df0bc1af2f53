#!/bin/sh
# The init of a virtual guest: loads its drivers and takes commands on the second serial port.
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
while read -r module; do
    insmod "/modules/$module" || echo "no module $module"
done </modules/order
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1 4>&3
echo "lab guest ready"

# All CPUs' user, nice and system ticks. Not the processes' own times: those include what the emulator took
# away while it was not running, and the kernel's limit on CPU time goes by ticks.
burned_ticks() {
    read -r name user nice system rest </proc/stat
    echo $((user + nice + system))
}

. /commands.sh
