export interface RunningRedis {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  /** Holds the data of a local server, and the log. */
  readonly dir: string
  /** The server's process; for a container, the `docker run` that carries it and passes SIGTERM on. */
  readonly pid: number
  readonly kind: 'local' | 'container'
  /** Ends the server and removes its temporary folder. May be called twice. */
  readonly stop: () => Promise<void>
}

/** Redis settings by name, as on its command line. */
export type RedisSettings = Readonly<Record<string, string>>
