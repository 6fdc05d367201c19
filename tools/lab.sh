#!/usr/bin/env bash
# A site with two routers in network namespaces, to try failover. No packet leaves this machine.
#
#   sudo tools/lab.sh up        builds it: two keepalived routers, Waymark, a client
#   sudo tools/lab.sh dig       the answer that the client gets for www.example.com
#   sudo tools/lab.sh fail      cuts the network of the active router
#   sudo tools/lab.sh kill      kills keepalived on the active router (SIGKILL); the router keeps its addresses
#   sudo tools/lab.sh stop      stops keepalived on the active router (SIGTERM)
#   sudo tools/lab.sh heal      undoes fail, kill and stop
#   sudo tools/lab.sh status    shows routers, members and records (`waymark status`)
#   sudo tools/lab.sh log       shows the log of Waymark
#   sudo tools/lab.sh down      removes it
#
#          line 203.0.113.0/24            line 198.51.100.0/24
#                  |                              |
#                rtr-a 192.0.2.2                rtr-b 192.0.2.3
#                  |        virtual router        |
#                  |          192.0.2.1           |
#                  +----------- "lan" ------------+----- ns 192.0.2.53 (waymark) ---- client
#
# The files are in zones-example/steering/lab. WAYMARK_BINARY names another binary than build/release/tools/waymark.
set -euo pipefail
cd "$(dirname "$0")/.."

lab=waymark-lab                  # the namespaces' names begin with it
files=zones-example/steering/lab
run=/run/$lab                    # logs, pid files, waymark's state
name=www.example.com
server=198.18.0.53
waymark=${WAYMARK_BINARY:-$PWD/build/release/tools/waymark}
hosts=(rtr-a rtr-b ns client)
export PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*"; }
die() { say "lab.sh: $*" >&2; exit 1; }
within() { local host=$1; shift; ip netns exec "$lab-$host" "$@"; }
is_up() { [ -e "/run/netns/$lab-switch" ]; }
must_be_up() { is_up || die "the lab is not up: sudo $0 up"; }

# plug HOST SWITCH INTERFACE ADDRESS: a cable from the host to the switch.
plug() {
  local port=$2-$1
  within switch ip link add "$port" type veth peer name "$3" netns "$lab-$1"
  within switch ip link set "$port" master "$2" up
  within "$1" ip link set "$3" up
  within "$1" ip address add "$4" dev "$3"
}

# detached HOST NAME COMMAND...: starts a process in the host that continues after this script, with output in NAME.log.
detached() {
  local host=$1 log=$run/$2.log; shift 2
  setsid ip netns exec "$lab-$host" "$@" </dev/null >>"$log" 2>&1 &
}

start_router() {
  rm -f "$run/$1".*pid
  detached "$1" "$1" keepalived --vrrp --dont-fork --log-console --use-file="$PWD/$files/keepalived-$1.conf" \
    --pid="$run/$1.pid" --vrrp_pid="$run/$1.vrrp.pid"
}

router_runs() { [ -n "$(ip netns pids "$lab-$1")" ]; }
is_dark() { [[ $(within switch bridge link show dev "lan-$1") == *"state disabled"* ]]; }
holds_vip() { [[ $(within "$1" ip -o address show dev eth0) == *"inet 192.0.2.1/"* ]]; }

# The router that has the virtual address and is connected; nothing if there is none.
active_router() {
  local router
  for router in rtr-a rtr-b; do
    if router_runs $router && ! is_dark $router && holds_vip $router; then say $router; return; fi
  done
}

must_be_active() {
  local router
  router=$(active_router)
  [ -n "$router" ] || die "no router is active: sudo $0 heal"
  say "$router"
}

# The answer that the client gets; nothing if the query is lost. dig writes its errors to standard output.
answer() {
  within client dig @$server +short +tries=1 +time=1 $name 2>/dev/null | sed '/^;/d' | sort | paste -sd' ' || true
}
milliseconds() { date +%s%3N; }

# until_answer_changes FROM BEGAN: waits for another answer and prints the time since BEGAN.
until_answer_changes() {
  local now
  for _ in $(seq 600); do
    now=$(answer)
    if [ -n "$now" ] && [ "$now" != "$1" ]; then
      printf '%s is now %s, after %s ms\n' "$name" "$now" $(($(milliseconds) - $2))
      return
    fi
    sleep 0.02
  done
  die "$name is still $1"
}

up() {
  ! is_up || die "the lab is up already; to build it anew: sudo $0 down"
  [ "$(id -u)" -eq 0 ] || die "network namespaces need root: sudo $0 up"
  source tools/packages.sh
  install_packages iproute2 keepalived bind9-dnsutils
  if [ ! -x "$waymark" ]; then
    install_packages "${build_packages[@]}" "$(boost_package)"
    local builder=(env)
    [ -z "${SUDO_USER:-}" ] || builder=(sudo -u "$SUDO_USER")
    "${builder[@]}" cmake --preset release >/dev/null
    "${builder[@]}" cmake --build build/release --target waymark -- --quiet
  fi
  trap 'down; die "it could not be built"' ERR
  mkdir -p "$run/state"
  local host switch
  for host in switch "${hosts[@]}"; do
    ip netns add "$lab-$host"
    within "$host" ip link set lo up
  done
  for switch in lan line-a line-b service; do
    within switch ip link add $switch type bridge mcast_snooping 0
    within switch ip link set $switch up
  done
  plug rtr-a lan eth0 192.0.2.2/24;      plug rtr-a line-a wan0 203.0.113.10/24
  plug rtr-b lan eth0 192.0.2.3/24;      plug rtr-b line-b wan0 198.51.100.10/24
  plug ns lan eth0 192.0.2.53/24;        plug ns service eth1 198.18.0.53/24
  plug client service eth0 198.18.0.9/24
  plug client line-a line-a 203.0.113.9/24
  plug client line-b line-b 198.51.100.9/24
  start_router rtr-a
  start_router rtr-b
  cp "$files/waymark.toml" "$files/example.com.zone" "$run/"
  detached ns waymark "$waymark" serve -c "$run/waymark.toml"
  for _ in $(seq 200); do
    [ "$(answer)" = 203.0.113.10 ] && break
    [ -n "$(ip netns pids "$lab-ns")" ] || { cat "$run/waymark.log" >&2; false; }
    sleep 0.1
  done
  [ "$(answer)" = 203.0.113.10 ] || { cat "$run/waymark.log" >&2; false; }
  trap - ERR
  say "rtr-a   192.0.2.2   active    its line has 203.0.113.10"
  say "rtr-b   192.0.2.3   backup    its line has 198.51.100.10"
  say "ns      192.0.2.53  waymark   follows the routers, answers $name"
  say "ask     sudo ip netns exec $lab-client dig @$server +noall +answer $name"
  say "fail    sudo tools/lab.sh fail"
}

fail() {
  local router before began
  router=$(must_be_active)
  before=$(answer)
  began=$(milliseconds)
  within switch bridge link set dev "lan-$router" state 0
  within switch bridge link set dev "line-${router#rtr-}-$router" state 0
  say "$router is cut off; $name was $before"
  until_answer_changes "$before" "$began"
}

# end_router SIGNAL WORDS: sends the signal to keepalived on the active router.
end_router() {
  local router before began
  router=$(must_be_active)
  before=$(answer)
  began=$(milliseconds)
  # shellcheck disable=SC2046
  kill -s "$1" $(ip netns pids "$lab-$router")
  say "$router $2; $name was $before"
  until_answer_changes "$before" "$began"
  while router_runs "$router"; do sleep 0.05; done
}

heal() {
  local router before began
  before=$(answer)
  began=$(milliseconds)
  for router in rtr-a rtr-b; do
    within switch bridge link set dev "lan-$router" state 3
    within switch bridge link set dev "line-${router#rtr-}-$router" state 3
    router_runs $router || start_router $router
  done
  say "both routers are up; $name was $before"
  [ "$before" = 203.0.113.10 ] || until_answer_changes "$before" "$began"
}

down() {
  local host pids
  for host in "${hosts[@]}"; do
    pids=$(ip netns pids "$lab-$host" 2>/dev/null || true)
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
  done
  for _ in $(seq 50); do
    pids=$(for host in "${hosts[@]}"; do ip netns pids "$lab-$host" 2>/dev/null || true; done)
    [ -n "$pids" ] || break
    sleep 0.1
  done
  # shellcheck disable=SC2086
  [ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
  for host in switch "${hosts[@]}"; do ip netns delete "$lab-$host" 2>/dev/null || true; done
  rm -rf "$run"
}

case ${1:-help} in
  up) up ;;
  down) down; say "the lab is removed" ;;
  fail) must_be_up; fail ;;
  kill) must_be_up; end_router KILL "was killed" ;;
  stop) must_be_up; end_router TERM "was stopped" ;;
  heal) must_be_up; heal ;;
  dig) must_be_up; within client dig @$server +noall +answer $name ;;
  status) must_be_up; within ns "$waymark" status --socket "$run/state/control.sock" "${@:2}" ;;
  log) must_be_up; cat "$run/waymark.log" ;;
  *) sed -n '2,/^[^#]/s/^#\( \|$\)//p' "$0"; [ "${1:-help}" = help ] ;;
esac
