# dom0's init: starts what a host of Xen has, runs one command with its output on the port "output", brings back
# what is in /run/results on the third disk, and switches off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
for bin in /usr/lib/xen-*/bin; do
    PATH=$bin:$PATH
done
scripts=/project/tests/lab/xen/scripts

mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /run/lock /run/xen /run/xenstored /run/results/guests /dev/pts
mount -t devpts devpts /dev/pts
modprobe -a virtio_console xenfs xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xen-blkback xen-netback loop
mount -t xenfs xenfs /proc/xen
hostname dom0
echo 127.0.0.1 localhost dom0 >/etc/hosts
ip link set lo up
# Nothing that nobody asked for goes over a wire.
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
# Both stand in for scripts that want udev; libvirt can give a disk no script of its own.
ln -sf $scripts/disk.sh /etc/xen/scripts/block
ln -sf $scripts/card.sh /etc/xen/scripts/vif-lab

xenstored --pid-file /run/xenstored.pid -T /dev/null
until xenstore-read -s / >/dev/null 2>&1; do sleep 0.1; done
xen-init-dom0
xenconsoled --log=all --log-dir=/run/results/guests --pid-file=/run/xenconsoled.pid

for port in /sys/class/virtio-ports/*; do
    read -r name <$port/name
    [ "$name" = output ] && output=/dev/${port##*/}
done
. /project/environment
cd /project
{
    echo "dom0 is up"
    sh /project/command 2>&1 </dev/null
    echo $? >/run/results/status
} >$output
dmesg >/run/results/dom0.dmesg 2>/dev/null
xl dmesg >/run/results/xen.dmesg 2>/dev/null
tar -cf /dev/vdc -C /run/results .
sync
poweroff -f
