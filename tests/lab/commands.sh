# The ground truth of every test, sourced by the inits: it does exactly what the host asks, one line a command
# read from descriptor 3, and answers on descriptor 4 with lines of which the last begins with "done".

# spin SECONDS CPU...: one busy loop on each CPU, which the kernel ends at that much CPU time. What was burned
# is told by the init's own burned_ticks.
spin() {
    seconds=$1
    shift
    for cpu in "$@"; do
        taskset "$(printf %x $((1 << cpu)))" \
            sh -c "ulimit -t $seconds; while :; do :; done" 2>/dev/null &
    done
    before=$(burned_ticks)
    wait
    echo "ticks $(($(burned_ticks) - before))" >&4
}

nic_of() {
    for nic in /sys/class/net/*; do
        read -r address <"$nic/address"
        [ "$address" = "$1" ] && basename "$nic" && return
    done
    return 1
}

# join MAC ADDRESS/BITS PEER PEER_MAC: neighbours are given, so no ARP is ever sent.
join() {
    nic=$(nic_of "$1") || return 1
    ip link set "$nic" up
    ip address add "$2" dev "$nic" 2>/dev/null
    arp -i "$nic" -s "$3" "$4"
}

# ping MAC ADDRESS/BITS PEER PEER_MAC COUNT SIZE INTERVAL: echo requests, each after the answer to the last, or
# with an INTERVAL without waiting for any.
ping_peer() {
    join "$1" "$2" "$3" "$4" || return 1
    if [ -n "$7" ]; then pace="-i $7 -W 1"; else pace=-A; fi
    ping $pace -q -I "$nic" -c "$5" -s "$6" "$3" >/tmp/ping 2>&1
    while read -r sent _ _ received rest; do
        case $rest in
        "packets received"*) echo "pings $sent $received" >&4 && return 0 ;;
        esac
    done </tmp/ping
    return 1
}

counters() {
    for disk in /sys/block/*; do
        [ -e "$disk/device" ] || continue
        read -r values <"$disk/stat"
        echo "disk ${disk##*/} $values"
    done
    for nic in /sys/class/net/*; do
        [ "${nic##*/}" = lo ] && continue
        read -r values <"$nic/address"
        for name in rx_bytes rx_packets rx_errors rx_dropped tx_bytes tx_packets tx_errors tx_dropped; do
            read -r value <"$nic/statistics/$name"
            values="$values $value"
        done
        echo "nic ${nic##*/} $values"
    done
    while read -r name values; do
        case $name in cpu*) echo "cpu $name $values" ;; esac
    done </proc/stat
    while read -r name value rest; do
        echo "memory ${name%:} $value"
    done </proc/meminfo
    while read -r name value; do
        case $name in pgfault | pgmajfault | pswpin | pswpout | oom_kill) echo "vmstat $name $value" ;; esac
    done </proc/vmstat
    read -r value rest </proc/uptime
    echo "uptime $value"
}

# relay NAME NAME: two virtio ports joined, so that a test can play the program that the host expects on the first.
relay() {
    first= second=
    for port in /sys/class/virtio-ports/*; do
        read -r name <"$port/name"
        [ "$name" = "$1" ] && first=/dev/${port##*/}
        [ "$name" = "$2" ] && second=/dev/${port##*/}
    done
    # A port can be opened once.
    [ -c "$first" ] && [ -c "$second" ] && [ -z "$relays" ] || return 1
    # Held open, for a port that nobody holds is taken for an agent that does not run.
    exec 5<>"$first" 6<>"$second"
    hand_on <&5 >&6 &
    relays=$!
    hand_on <&6 >&5 &
    relays="$relays $!"
}

# unrelay: both are closed, as when that program has ended.
unrelay() {
    kill $relays || return 1
    wait $relays
    relays=
    exec 5>&- 6>&-
}

hand_on() {
    exec 7<&0
    trap 'kill $!; wait; exit' TERM
    while :; do
        # What runs in the background has no input unless it is given one.
        cat <&7 &
        wait $!
        sleep 0.1
    done
}

while read -r command one two three four five six seven <&3; do
    # Split once more, so that absent words are not empty arguments.
    set -- $one $two $three $four $five $six $seven

    case $command in
    hello) ;;
    write) dd if=/dev/zero of="/dev/$1" count="$2" bs="$3" seek="${4:-0}" oflag=direct conv=fsync,notrunc ;;
    read) dd if="/dev/$1" of=/dev/null count="$2" bs="$3" skip="${4:-0}" iflag=direct ;;
    discard) blkdiscard -o "$2" -l "$3" "/dev/$1" ;;
    ping) ping_peer "$@" ;;
    spin) spin "$@" ;;
    counters) counters >&4 ;;
    faults) dd if=/dev/zero of=/dev/null bs=$(($1 * 4096)) count=1 ;;
    fill) dd if=/dev/zero of=/filled bs=1M count="$1" ;;
    relay) relay "$1" "$2" ;;
    unrelay) unrelay ;;
    drop-balloon) rmmod virtio_balloon ;;
    online) echo 1 >"/sys/devices/system/cpu/cpu$1/online" ;;
    reboot) echo "done 0 reboot" >&4 && sleep 0.2 && reboot -f ;;
    poweroff) echo "done 0 poweroff" >&4 && sleep 0.2 && poweroff -f ;;
    quit) echo "done 0 quit" >&4 && exec sleep 100000000 ;;
    *) false ;;
    esac
    status=$?
    echo "done $status $command $1" >&4
done
