# The image contains the binary and the libraries that it is linked with. No shell, no package manager.
#
#   docker build -t waymark .
#   docker run --rm -p 5300:53/udp -p 5300:53/tcp -v "$PWD/zones-example:/zones:ro" waymark
#   docker run --rm --read-only --cap-drop ALL -p 5300:53/udp -p 5300:53/tcp waymark      # the example zones
#   docker run --rm --network host --cap-drop ALL --cap-add NET_RAW --cap-add NET_BIND_SERVICE ...
#     failover: receives the advertisements of the routers on the host's LAN
#
# It answers on port 53 as user 53 without root. Docker lets any user bind low ports inside a container
# (net.ipv4.ip_unprivileged_port_start=0). Where an engine does not, the binary has the capability as a file capability:
# permitted only, raised by the program itself, since an effective one would forbid the start under --cap-drop ALL.
# With neither: --sysctl net.ipv4.ip_unprivileged_port_start=0, or WAYMARK_LISTEN with a port above 1023.

# With --build-arg COMPILER_CACHE=ccache and a folder mounted at /ccache, the build uses that compiler cache:
#   buildah bud --build-arg COMPILER_CACHE=ccache -v ~/.cache/ccache:/ccache -t waymark .

FROM debian:bookworm-slim AS build
ARG COMPILER_CACHE=
ENV CCACHE_DIR=/ccache CCACHE_BASEDIR=/src CCACHE_NOHASHDIR=1 CCACHE_COMPILERCHECK=content \
    CCACHE_SLOPPINESS=locale
COPY tools/packages.sh /src/tools/
RUN bash -c 'set -e; source /src/tools/packages.sh; \
 install_packages "${build_packages[@]}" "$(boost_package)" libcap2-bin $COMPILER_CACHE'
COPY CMakeLists.txt CMakePresets.json /src/
COPY zone /src/zone
COPY server /src/server
COPY tools /src/tools
WORKDIR /src
RUN cmake --preset release -DWAYMARK_TESTS=OFF -DCMAKE_CXX_COMPILER_LAUNCHER="$COMPILER_CACHE" \
 && cmake --build build/release --target waymark \
 && install -D -s build/release/tools/waymark /image/usr/bin/waymark \
 && ldd /image/usr/bin/waymark | grep -o '/[^ ]*' \
  | while read -r library; do install -D -m 755 "$library" "/image$library"; done \
 && { setcap cap_net_bind_service,cap_net_raw=p /image/usr/bin/waymark \
  || echo "file capabilities are not supported here; the engine must allow port 53"; }
COPY zones-example /image/zones
RUN install -d /image-run/waymark

FROM scratch
LABEL org.opencontainers.image.title="waymark" \
      org.opencontainers.image.description="Authoritative DNS server that answers from zone files" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
COPY --from=build --chown=53:53 /image-run /run
ENV WAYMARK_LISTEN=0.0.0.0:53,[::]:53 \
    WAYMARK_ZONES=/zones
USER 53:53
EXPOSE 53/udp 53/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["/usr/bin/waymark", "health", "--quiet"]
ENTRYPOINT ["/usr/bin/waymark"]
CMD ["serve"]
