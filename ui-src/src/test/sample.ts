import type { Reply } from '../api';
import type { Distribution, NativeModule, Runtime } from '../runtime';

export function module(path: string, over: Partial<NativeModule> = {}): NativeModule {
  return { path, format: 'elf', arch: 'arm64', fits: true, reason: null, ...over };
}

export function native(name: string, version: string, modules: NativeModule[]): Distribution {
  const fits = modules.every((m) => m.fits);
  return { name, version, tag: 'cp313-cp313-manylinux_2_28_aarch64', native: true, fits, modules };
}

export function pure(name: string, version: string): Distribution {
  return { name, version, tag: 'py3-none-any', native: false, fits: true, modules: [] };
}

export const alien = module('uvloop/loop.cpython-313-x86_64-linux-gnu.so', {
  arch: 'amd64',
  fits: false,
  reason: 'built for amd64, this process is arm64',
});

export function good(): Distribution[] {
  return [
    pure('click', '8.3.1'),
    native('httptools', '0.7.1', [
      module('httptools/parser/parser.so'),
      module('httptools/parser/url_parser.so'),
    ]),
    pure('idna', '3.11'),
    native('uvloop', '0.22.1', [module('uvloop/loop.cpython-313-aarch64-linux-gnu.so')]),
  ];
}

export function bad(): Distribution[] {
  return [...good().slice(0, 3), native('uvloop', '0.22.1', [alien])];
}

export function runtime(distributions: Distribution[] = good(), over: Partial<Runtime> = {}): Runtime {
  return {
    platform: { os: 'linux', arch: 'arm64', platform: 'linux/arm64', machine: 'aarch64', libc: 'glibc 2.41' },
    python: {
      version: '3.13.5',
      implementation: 'CPython',
      executable: '/opt/noetl/bin/python3',
      abi: 'cp313',
    },
    server: {
      name: 'noetl',
      version: '0.1.0',
      revision: null,
      pid: 7,
      started: '2026-01-02T03:04:05Z',
      ui: true,
    },
    process: null,
    cli: { version: '0.1.0', platform: 'linux/arm64' },
    distributions,
    fits: distributions.every((d) => d.fits),
    ...over,
  };
}

export function reply(r: Runtime = runtime()): Reply {
  return { runtime: r, uptime: 65_000, received: Date.now() };
}
