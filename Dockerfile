# One image for every role, and for the simulated gateway. Needs nothing of BuildKit.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Without scripts the package `node`, which brings Node 24 to machines that lack it, leaves the image's own in place.
RUN npm install --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY .ci .ci
COPY config config
COPY src src
COPY workers workers
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# The image's user `node`, as numbers, so that an orchestrator sees that it is not root.
USER 1000:1000
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=10s --start-period=20s --retries=3 CMD ["node", "dist/workers/health.js"]
CMD ["node", "dist/workers/all.js"]
