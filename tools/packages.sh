# The Debian 12 packages that the build and the tests need, and how they are installed. Sourced by serve.sh and test.sh.
#
# Only what is missing is installed; with nothing missing apt is not called. Daemons that come with a package (the name
# servers which the tests compare with) are not started: a policy-rc.d forbids it while packages are being set up.

# What building the product takes.
build_packages=(g++ cmake ninja-build pkg-config doctest-dev
                libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev libldns-dev libssl-dev libcap-ng-dev
                nlohmann-json3-dev)

# What the tests take beyond it: the peers and clients that answers are compared with, tracing, and container tools.
test_packages=(python3 python3-dnspython bind9 bind9-utils bind9-dnsutils nsd knot knot-dnsutils ldnsutils
               dnsperf librapidcheck-dev libbenchmark-dev valgrind clang-19 clang-tidy-19 clang-format-19
               strace iproute2 procps openssl man-db git ccache buildah podman runc debootstrap keepalived frr
               nftables tcpdump fish zsh)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The Boost headers come in two releases that exclude one another: whichever is installed is taken.
boost_package() {
  if is_installed libboost1.74-dev; then echo libboost1.74-dev; else echo libboost1.81-dev; fi
}

# Prints apt-get's reports (APT::Status-Fd) alone. They have a descriptor of their own: with 1, apt-get gives the
# packages' scripts a closed standard output, and a script that prints fails. sudo closes 3: a shell behind it opens it.
apt_quietly() {
  as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes sh -c 'exec 3>&1 >/dev/null; exec "$@"' sh \
    apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o APT::Install-Recommends=false \
    -o APT::Status-Fd=3 "$@"
}

# show_line WORDS: replaces the line shown before on a terminal; is a line of its own in a log.
show_line() {
  if [ -t 2 ]; then
    printf '\r%.*s\e[K' "$(($(tput cols 2>/dev/null || echo 80) - 1))" "$1" >&2
  else
    printf '%s\n' "$1" >&2
  fi
}
end_lines() { if [ -t 2 ]; then printf '\r\e[K' >&2; fi; }

# Reads what apt-get reports (APT::Status-Fd): "pmstatus:g++-12:31.4:Unpacking g++-12 (amd64)". In a log it prints a
# line for every 10 %.
show_packages() {
  local kind name percent words phase before=
  while IFS=: read -r kind name percent words; do
    case "$kind" in
      dlstatus) phase="downloading" ;;
      pmstatus) phase="installing" ;;
      *) continue ;;
    esac
    percent=${percent%%.*}
    if [ ! -t 2 ] && [ "$before" = "$phase ${percent%?}" ]; then continue; fi
    before="$phase ${percent%?}"
    show_line "$phase packages, $percent of 100: $words"
  done
  end_lines
}

# Reads ninja's lines and shows "built 12 of 43: server/vrrp"; what is no step of ninja's is shown as it is.
show_build() {
  local line step what
  while IFS= read -r line; do
    case "$line" in
      "ninja: "* | "[0/"*) continue ;;
      \[*/*\]*) ;;
      *) end_lines; printf '%s\n' "$line" >&2; continue ;;
    esac
    step=${line%%]*} step=${step#[}
    what=${line##* }   # server/CMakeFiles/waymark_server.dir/Unity/unity_server_vrrp_cxx.cxx.o
    case "$what" in
      */Unity/unity_*) what=${what##*/unity_}; what=${what%_cxx.cxx.o}; what=${what/_//} ;;
      *.cpp.o) what=${what%.o}; what=${what/CMakeFiles\/*.dir\//} ;;
    esac
    show_line "built ${step%/*} of ${step#*/}: $what"
  done
  end_lines
}

# install_packages NAME...: installs those that are missing, without starting what they bring.
install_packages() {
  local missing=() name policy=/usr/sbin/policy-rc.d ours=no status=0
  for name in "$@"; do is_installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
    return 1
  fi
  echo "installing ${#missing[@]} packages: ${missing[*]}" >&2
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    ours=yes
  fi
  # A package source that is out of reach need not matter: the installation tells.
  apt_quietly update >/dev/null || echo "apt-get update reported problems; going on" >&2
  apt_quietly install -y "${missing[@]}" | show_packages
  status=${PIPESTATUS[0]}
  [ "$ours" = no ] || as_root rm -f "$policy"
  return $status
}
