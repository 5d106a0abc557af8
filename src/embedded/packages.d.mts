/** Tells why `npm install` must run before the project can, or undefined when what is installed fits the lock file. */
export function installReason(lock: unknown, installed: unknown): string | undefined
