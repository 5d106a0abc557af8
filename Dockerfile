# One image for every role, and for the simulated gateway. Needs nothing of BuildKit.

# A name can be given another content at any time, a digest cannot: `--build-arg BASE=node:24-bookworm-slim@sha256:...`.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without scripts the package `node`, which brings Node 24 to machines that lack it, leaves the image's own in place.
RUN npm install --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY .ci .ci
RUN node .ci/sbom.mjs > sbom.cdx.json
COPY config config
COPY src src
COPY workers workers
RUN npm run build

FROM ${BASE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE}
ENV NODE_ENV=production
# No debugger opens on SIGUSR1, and a diagnostic report that somebody asks for leaves the environment out.
ENV NODE_OPTIONS="--disable-sigusr1 --report-exclude-env"
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/sbom.cdx.json sbom.cdx.json
COPY --from=build /app/dist dist
# The image's user `node`, as numbers, so that an orchestrator sees that it is not root.
USER 1000:1000
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=10s --start-period=20s --retries=3 CMD ["node", "dist/workers/health.js"]
CMD ["node", "dist/workers/all.js"]
