# docker build -t dojang .
#
# The image contains Node, the packages of package-lock.json, the sources, and the few C libraries that they
# need. It has no shell and no package manager. docs/containers.md says how to run it.

# This stage provides npm and the C libraries. Node itself comes from package-lock.json, with its checksum.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /srv/dojang
COPY package.json package-lock.json .npmrc ./
# A private registry: docker build --secret id=npmrc,src=$HOME/.npmrc
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --omit=dev --ignore-scripts
# Nobody reads type declarations, source maps and manuals in a running server.
RUN mkdir -p /image/usr/local/bin /image/srv/dojang \
 && mv node_modules/node-linux-*/bin/node /image/usr/local/bin/node \
 && rm -rf node_modules/node-linux-* node_modules/.bin node_modules/.package-lock.json \
 && find node_modules -type f -regextype posix-extended -regex '.*\.(d\.[cm]?ts|map|md)' -delete \
 && mv node_modules package.json /image/srv/dojang
# The list of their Debian packages in status.d lets scanners check them.
RUN libraries=$(ldd /image/usr/local/bin/node /image/srv/dojang/node_modules/@node-rs/*/*.node \
      | grep -o '/lib[^ ]*' | sort -u) \
 && cp --parents --dereference $libraries /etc/os-release /image \
 && mkdir -p /image/var/lib/dpkg/status.d \
 && for library in $libraries; do \
      package=$(dpkg -S "*/${library##*/}" | head -1 | cut -d: -f1) \
      && dpkg -s "$package" > "/image/var/lib/dpkg/status.d/$package" || exit 1; \
    done
# `dojang` and the two volumes. Only their user can open them.
RUN ln -s /srv/dojang/bin/container.js /image/usr/local/bin/dojang \
 && mkdir -m 1777 /image/tmp \
 && mkdir -p /image/etc \
 && echo 'dojang:x:10001:10001::/var/lib/dojang:' > /image/etc/passwd \
 && echo 'dojang:x:10001:' > /image/etc/group \
 && mkdir -p /volumes && mkdir -m 700 /volumes/data /volumes/keys
# The user of the container must be able to read the sources, whatever the umask of the checkout was.
COPY LICENSE /sources/
COPY bin /sources/bin
COPY migrations /sources/migrations
COPY src /sources/src
RUN chmod -R a+rX /sources

FROM scratch
COPY --from=packages /image /
COPY --from=packages --chown=10001:10001 /volumes /var/lib/dojang
COPY --from=packages /sources /srv/dojang

LABEL org.opencontainers.image.title="Dojang" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.description="A standalone OAuth 2.0 / OpenID Connect token issuer" \
      org.opencontainers.image.licenses="Apache-2.0"

# The settings `data` and `keys` are relative to this directory. The root file system can be read-only.
WORKDIR /var/lib/dojang
VOLUME ["/var/lib/dojang/data", "/var/lib/dojang/keys"]
USER 10001:10001
ENV HOST=0.0.0.0
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://localhost:' + (process.env.PORT || 4000) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1))"]
ENTRYPOINT ["dojang"]
CMD ["serve"]
