#!/bin/sh
# The init of a container: takes commands on a pair of named pipes it shares with the host.
export PATH=/bin
# The card was up before this; from here on it sends nothing of its own accord.
for name in all default; do
    echo 1 >/proc/sys/net/ipv6/conf/$name/disable_ipv6
done
exec 3<>/commands.in 4<>/commands.out

# User and system ticks of this shell's ended children; /proc/stat is the host's.
burned_ticks() {
    read -r line </proc/1/stat
    set -- ${line##*) }
    echo $((${14} + ${15}))
}

. /commands.sh
