import { describe, expect, it } from 'vitest';
import { duration, megabytes, plural, problems, shortRevision, summarize, verdictOf } from '../format';
import { alien, bad, good, module, native, pure, runtime } from './sample';

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min 0 s'],
    [3_600_000, '1 h 0 min'],
    [86_399_000, '23 h 59 min'],
    [86_400_000, '1 day 0 h'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 days 4 h'],
  ])('%d ms is %s', (ms, words) => expect(duration(ms)).toBe(words));
});

describe('small words', () => {
  it('counts', () => expect([plural(1, 'module'), plural(0, 'module')]).toEqual(['1 module', '0 modules']));
  it('weighs', () =>
    expect([0, 1_250_000, 48_400_000].map(megabytes)).toEqual(['0.0 MB', '1.3 MB', '48 MB']));
  it('shortens hashes alone', () => {
    expect(shortRevision('c5d0c28f1b2a3c4d5e6f708192a3b4c5d6e7f809')).toBe('c5d0c28');
    expect(shortRevision('v0.1.0-dirty')).toBe('v0.1.0-dirty');
  });
});

describe('verdictOf', () => {
  it('knows its four answers', () => {
    expect(verdictOf(pure('a', '1'))).toBe('pure');
    expect(verdictOf(native('a', '1', []))).toBe('bare');
    expect(verdictOf(native('a', '1', [module('a.so')]))).toBe('fits');
    expect(verdictOf(native('a', '1', [alien]))).toBe('misfit');
  });
  it('lets neither flag hide the other', () => {
    expect(verdictOf({ ...native('a', '1', [alien]), fits: true })).toBe('misfit');
    expect(verdictOf({ ...native('a', '1', [module('a.so')]), fits: false })).toBe('misfit');
  });
});

describe('summarize', () => {
  it('is glad when all fit', () => {
    expect(summarize(runtime())).toEqual({
      tone: 'good',
      title: 'Every native module fits this machine',
      detail: '3 modules in 2 distributions, read and compared with linux/arm64 and CPython 3.13.5.',
    });
  });
  it('counts one misfit and many', () => {
    expect(summarize(runtime(bad())).title).toBe('1 native module does not fit this machine');
    const two = native('x', '1', [alien, { ...alien, path: 'b.so' }]);
    const many = summarize(runtime([two]));
    expect(many.title).toBe('2 native modules do not fit this machine');
    expect(many.detail).toBe('Importing them fails on linux/arm64 and CPython 3.13.5.');
  });
  it('does not call a vacuous truth a fit', () => {
    expect(summarize(runtime([pure('a', '1')]))).toMatchObject({
      tone: 'neutral',
      title: 'No native modules to check',
    });
    expect(summarize(runtime([])).detail).toBe('No distributions are installed.');
  });
  it('believes the server when it names no module', () => {
    expect(summarize(runtime(good(), { fits: false })).tone).toBe('bad');
  });
  it('believes a module more than the server', () => {
    expect(summarize(runtime(bad(), { fits: true })).tone).toBe('bad');
  });
});

describe('problems', () => {
  it('is empty when all fit', () => expect(problems(runtime())).toEqual([]));
  it('names distribution, module and reason', () => {
    expect(problems(runtime(bad()))).toEqual([
      expect.objectContaining({ distribution: 'uvloop 0.22.1', path: alien.path, reason: alien.reason }),
    ]);
  });
  it('has words where the server has none', () => {
    const reasonless = native('a', '1', [{ ...alien, reason: null }]);
    const moduleless = { ...pure('b', '1'), version: null, fits: false };
    expect(problems(runtime([reasonless, moduleless])).map((p) => [p.distribution, p.reason])).toEqual([
      ['a 1', 'built for amd64'],
      ['b', 'no reason given'],
    ]);
  });
});
