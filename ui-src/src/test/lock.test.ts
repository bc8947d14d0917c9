import { describe, expect, it } from 'vitest';
import lock from '../../package-lock.json';

interface Package {
  resolved?: string;
  integrity?: string;
  optionalDependencies?: Record<string, string>;
}
const packages = Object.entries(lock.packages as Record<string, Package>);
const names = new Set(packages.map(([path]) => path.replace(/^.*node_modules\//, '')));

describe('package-lock.json', () => {
  it('names no registry', () => {
    expect(packages.filter(([, p]) => p.resolved !== undefined).map(([path]) => path)).toEqual([]);
  });
  it('has a hash for everything', () => {
    expect(packages.filter(([path, p]) => path !== '' && !p.integrity).map(([path]) => path)).toEqual([]);
  });
  // npm/cli#4828: a lock file made beside an old node_modules knows the native packages of one platform alone.
  it('has the native packages of every platform', () => {
    const wanted = packages.flatMap(([, p]) => Object.keys(p.optionalDependencies ?? {}));
    expect(wanted.length).toBeGreaterThan(20);
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });
});
