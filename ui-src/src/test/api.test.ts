import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, fetchRuntime, TIMEOUT, uptimeAt } from '../api';
import { parseRuntime } from '../runtime';
import { good, runtime } from './sample';

const json = (body: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(body), init);
const serve = (answer: () => Response | Promise<Response>) => vi.stubGlobal('fetch', vi.fn(answer));
const live = () => new AbortController().signal;

beforeEach(() => vi.useFakeTimers({ now: Date.parse('2026-01-02T04:04:05Z') }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('fetchRuntime', () => {
  it('returns a checked answer with the uptime by the server’s clock', async () => {
    serve(() => json(runtime(), { headers: { date: 'Fri, 02 Jan 2026 03:05:05 GMT' } }));
    const got = await fetchRuntime(live());
    expect(got).toEqual({ runtime: runtime(), uptime: 60_000, received: Date.now() });
    expect(fetch).toHaveBeenCalledWith('/api/runtime', expect.objectContaining({ cache: 'no-store' }));
  });

  it('takes the uptime that the server measured before any clock', async () => {
    const process = { memory_bytes: 48e6, threads: null, uptime_seconds: 1.5 };
    serve(() => json(runtime(good(), { process }), { headers: { date: 'Fri, 02 Jan 2026 03:05:05 GMT' } }));
    expect((await fetchRuntime(live())).uptime).toBe(1500);
  });

  it.each<[string, () => Response | Promise<Response>, RegExp, RegExp]>([
    [
      'refused with detail',
      () => json({ detail: 'no such thing' }, { status: 404 }),
      /answered 404/,
      /no such thing/,
    ],
    ['refused without', () => new Response('<h1>', { status: 502 }), /answered 502/, /log/],
    ['refused with null', () => json(null, { status: 500 }), /answered 500/, /log/],
    ['not JSON', () => new Response('<html>'), /makes no sense/, /not JSON/],
    [
      'of another shape',
      () => json({ ...runtime(), distributions: 3 }),
      /makes no sense/,
      /distributions is not a list/,
    ],
    ['gone', () => Promise.reject(new TypeError('Failed to fetch')), /does not answer/, /noetl server start/],
  ])('explains an answer that is %s', async (_, answer, message, help) => {
    serve(answer);
    const error = await fetchRuntime(live()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).message).toMatch(message);
    expect((error as ApiError).help).toMatch(help);
  });

  function hang() {
    const never = (_: string, init: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    vi.stubGlobal('fetch', vi.fn(never));
  }
  it('gives up on a server that says nothing', async () => {
    hang();
    const failed = expect(fetchRuntime(live())).rejects.toThrow(
      `did not answer within ${TIMEOUT / 1000} seconds`,
    );
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    await failed;
  });
  it('passes an abort on as it is, and leaves no timer', async () => {
    hang();
    const control = new AbortController();
    const failed = expect(fetchRuntime(control.signal)).rejects.toHaveProperty('name', 'AbortError');
    control.abort();
    await failed;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('uptimeAt', () => {
  const start = '2026-01-02T03:04:05Z';
  it('prefers the Date header', () => expect(uptimeAt('Fri, 02 Jan 2026 03:04:06 GMT', start, 0)).toBe(1000));
  it('falls back to the browser', () => expect(uptimeAt(null, start, Date.parse(start) + 5)).toBe(5));
  it('is never negative', () => expect(uptimeAt(null, start, 0)).toBe(0));
  it('does not guess', () => expect(uptimeAt(null, 'yesterday', 0)).toBeNull());
});

describe('parseRuntime', () => {
  it('takes nulls where the contract has them, and drops what it does not know', () => {
    const r = runtime(good(), { cli: null });
    r.platform.libc = null;
    expect(parseRuntime({ ...r, novelty: 1 })).toEqual(r);
  });
  it.each<[string, unknown, string]>([
    ['nothing', null, 'answer is not an object'],
    ['a list', [], 'answer is not an object'],
    ['no platform', { ...runtime(), platform: undefined }, 'platform is not an object'],
    [
      'a pid in words',
      { ...runtime(), server: { ...runtime().server, pid: '7' } },
      'server.pid is not a number',
    ],
    ['a verdict in words', { ...runtime(), fits: 'yes' }, 'answer.fits is not true or false'],
    [
      'a module without a path',
      { ...runtime(), distributions: [{ ...good()[1], modules: [{ fits: true }] }] },
      'distributions[0].modules[0].path is not a text',
    ],
  ])('refuses %s', (_, value, message) => expect(() => parseRuntime(value)).toThrow(message));
});
