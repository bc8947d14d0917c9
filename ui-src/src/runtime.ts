/** The answer of GET /api/runtime, and the check that an answer really has this shape. */

export interface Platform {
  os: string;
  arch: string;
  /** `os/arch` as OCI writes it: linux/arm64. */
  platform: string;
  machine: string;
  /** Null where the system has no libc to name. */
  libc: string | null;
}

export interface Python {
  version: string;
  implementation: string;
  executable: string;
  abi: string;
}

export interface Server {
  name: string;
  version: string;
  revision: string | null;
  pid: number;
  /** RFC 3339. */
  started: string;
  ui: boolean;
}

/** Null where the system does not tell. */
export interface Process {
  memory_bytes: number | null;
  threads: number | null;
  uptime_seconds: number | null;
}

export interface Cli {
  version: string;
  platform: string | null;
}

export interface NativeModule {
  path: string;
  format: string | null;
  arch: string | null;
  fits: boolean;
  /** Why it does not fit; null when it does. */
  reason: string | null;
}

export interface Distribution {
  name: string;
  version: string | null;
  tag: string | null;
  native: boolean;
  fits: boolean;
  modules: NativeModule[];
}

export interface Runtime {
  platform: Platform;
  python: Python;
  server: Server;
  /** Null from a server that does not measure itself. */
  process: Process | null;
  /** Null when the server was not started by the noetl command. */
  cli: Cli | null;
  distributions: Distribution[];
  fits: boolean;
}

/** Thrown by parseRuntime; the message names the first field that is wrong. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

type Fields = Record<string, unknown>;

function object(value: unknown, at: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShapeError(`${at} is not an object`);
  }
  return value as Fields;
}

function list(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(`${at} is not a list`);
  return value;
}

function text(from: Fields, key: string, at: string): string {
  const value = from[key];
  if (typeof value !== 'string') throw new ShapeError(`${at}.${key} is not a text`);
  return value;
}

function maybe(from: Fields, key: string, at: string): string | null {
  return from[key] === null || from[key] === undefined ? null : text(from, key, at);
}

function flag(from: Fields, key: string, at: string): boolean {
  const value = from[key];
  if (typeof value !== 'boolean') throw new ShapeError(`${at}.${key} is not true or false`);
  return value;
}

function count(from: Fields, key: string, at: string): number {
  const value = from[key];
  if (typeof value !== 'number') throw new ShapeError(`${at}.${key} is not a number`);
  return value;
}

function maybeCount(from: Fields, key: string, at: string): number | null {
  return from[key] === null || from[key] === undefined ? null : count(from, key, at);
}

function maybeObject(value: unknown, at: string): Fields | null {
  return value === null || value === undefined ? null : object(value, at);
}

function parseModule(value: unknown, at: string): NativeModule {
  const m = object(value, at);
  return {
    path: text(m, 'path', at),
    format: maybe(m, 'format', at),
    arch: maybe(m, 'arch', at),
    fits: flag(m, 'fits', at),
    reason: maybe(m, 'reason', at),
  };
}

function parseDistribution(value: unknown, at: string): Distribution {
  const d = object(value, at);
  return {
    name: text(d, 'name', at),
    version: maybe(d, 'version', at),
    tag: maybe(d, 'tag', at),
    native: flag(d, 'native', at),
    fits: flag(d, 'fits', at),
    modules: list(d.modules, `${at}.modules`).map((m, i) => parseModule(m, `${at}.modules[${i}]`)),
  };
}

/** Returns value as a Runtime, without fields that we do not know; throws ShapeError. */
export function parseRuntime(value: unknown): Runtime {
  const r = object(value, 'answer');
  const platform = object(r.platform, 'platform');
  const python = object(r.python, 'python');
  const server = object(r.server, 'server');
  const process = maybeObject(r.process, 'process');
  const cli = maybeObject(r.cli, 'cli');
  return {
    platform: {
      os: text(platform, 'os', 'platform'),
      arch: text(platform, 'arch', 'platform'),
      platform: text(platform, 'platform', 'platform'),
      machine: text(platform, 'machine', 'platform'),
      libc: maybe(platform, 'libc', 'platform'),
    },
    python: {
      version: text(python, 'version', 'python'),
      implementation: text(python, 'implementation', 'python'),
      executable: text(python, 'executable', 'python'),
      abi: text(python, 'abi', 'python'),
    },
    server: {
      name: text(server, 'name', 'server'),
      version: text(server, 'version', 'server'),
      revision: maybe(server, 'revision', 'server'),
      pid: count(server, 'pid', 'server'),
      started: text(server, 'started', 'server'),
      ui: flag(server, 'ui', 'server'),
    },
    process: process && {
      memory_bytes: maybeCount(process, 'memory_bytes', 'process'),
      threads: maybeCount(process, 'threads', 'process'),
      uptime_seconds: maybeCount(process, 'uptime_seconds', 'process'),
    },
    cli: cli && { version: text(cli, 'version', 'cli'), platform: maybe(cli, 'platform', 'cli') },
    distributions: list(r.distributions, 'distributions').map((d, i) =>
      parseDistribution(d, `distributions[${i}]`),
    ),
    fits: flag(r, 'fits', 'answer'),
  };
}
