#!/bin/sh
# dom0's first program: mounts the root and the project's disk, and goes on with what is on that.
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
while read -r module; do
    insmod "/modules/$module" || echo "no module $module"
done </modules/order
mount -t ext4 -o noatime /dev/vda /root && mount -t ext4 -o ro /dev/vdb /root/project || busybox poweroff -f
for place in proc sys dev; do
    busybox mount --move /$place /root/$place
done
exec busybox switch_root /root /bin/sh /project/tests/lab/xen/scripts/dom0.sh
