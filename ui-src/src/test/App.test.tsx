// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../App';
import { ApiError } from '../api';
import type { Runtime } from '../runtime';
import { INTERVAL, type Load } from '../useRuntime';
import { bad, native, reply, runtime } from './sample';

const gone = new ApiError('The server does not answer', 'Is it still running?');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function show(load: Load) {
  render(<App load={load} />);
  await act(() => vi.advanceTimersByTimeAsync(0));
}
const open = (r: Runtime = runtime()) => show(async () => reply(r));
const heading = () => screen.getByRole('heading', { level: 1 }).textContent;
const rows = () =>
  screen.queryAllByRole('rowheader').map((th) => th.querySelector('.name span, span.name')?.textContent);

/** Rules that need layout or colours (contrast) are checked in a real browser: jsdom has neither. */
async function violations(): Promise<string[]> {
  vi.useRealTimers();
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
}

describe('what the page says', () => {
  it('waits in words', async () => {
    await show(() => new Promise(() => {}));
    expect(screen.getByText('Connecting')).toBeTruthy();
    expect(screen.getByRole('main').getAttribute('aria-busy')).toBe('true');
    expect(await violations()).toEqual([]);
  });

  it('shows the verdict, the facts and the table', async () => {
    await open();
    expect(heading()).toBe('Every native module fits this machine');
    expect(document.title).toBe('Fits · linux/arm64 · NoETL');
    const facts = within(screen.getByRole('region', { name: 'What is running' }));
    for (const words of ['linux/arm64', '3.13.5', '1 min 5 s', 'aarch64 · glibc 2.41', 'CPython · cp313']) {
      expect(facts.getAllByText(words).length).toBeGreaterThan(0);
    }
    expect(rows()).toEqual(['click', 'httptools, 2 native modules', 'idna', 'uvloop, 1 native module']);
    expect(await violations()).toEqual([]);
  });

  it('names what does not fit, in words, with the row open', async () => {
    await open(runtime(bad(), { cli: { version: '0.2.0', platform: 'linux/amd64' } }));
    expect(heading()).toBe('1 native module does not fit this machine');
    const list = screen.getByRole('list', { name: 'What does not fit' });
    expect(list.textContent).toContain('uvloop 0.22.1: built for amd64, this process is arm64');
    expect(screen.getByRole('button', { name: /^uvloop/ }).getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByRole('list', { name: 'Native modules of uvloop' }).textContent).toContain(
      'Does not fit',
    );
    expect(screen.getByText('not built for linux/arm64')).toBeTruthy();
    expect(screen.getByText('not the server’s version')).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it('folds a long list of problems away', async () => {
    const [first] = bad()
      .slice(-1)
      .flatMap((d) => d.modules);
    if (!first) throw new Error('the sample has no misfit');
    await open(
      runtime([
        native(
          'x',
          '1',
          [...Array(8)].map((_, i) => ({ ...first, path: `${i}.so` })),
        ),
      ]),
    );
    const items = () =>
      within(screen.getByRole('list', { name: 'What does not fit' })).getAllByRole('listitem').length;
    expect(items()).toBe(5);
    fireEvent.click(screen.getByRole('button', { name: 'Show 3 more' }));
    expect(items()).toBe(8);
  });

  it('says so when nothing is installed', async () => {
    await open(runtime([], { cli: null }));
    expect(screen.getByText('No distributions')).toBeTruthy();
    expect(screen.getByText('not started by the noetl command')).toBeTruthy();
    expect(screen.queryByRole('table')).toBeNull();
    expect(await violations()).toEqual([]);
  });

  it('tells an old page to reload', async () => {
    const r = runtime();
    await open({ ...r, server: { ...r.server, version: '9.9.9' } });
    expect(screen.getByRole('link', { name: 'reload' })).toBeTruthy();
  });
});

describe('a server that goes away', () => {
  it('explains, and tries again when asked', async () => {
    const load = vi.fn<Load>(async () => reply()).mockRejectedValueOnce(gone);
    await show(load);
    expect(heading()).toBe('The server does not answer');
    expect(screen.getByText('Is it still running?')).toBeTruthy();
    await act(async () => void fireEvent.click(screen.getByRole('button', { name: 'Try again' })));
    expect(heading()).toBe('Every native module fits this machine');
  });

  it('is accessible in its error', async () => {
    await show(() => Promise.reject(gone));
    expect(await violations()).toEqual([]);
  });

  it('keeps the old data, says that it is old, and recovers', async () => {
    const load = vi
      .fn<Load>(async () => reply())
      .mockResolvedValueOnce(reply())
      .mockRejectedValueOnce(gone);
    await show(load);
    await act(() => vi.advanceTimersByTimeAsync(INTERVAL));
    expect(heading()).toBe('Every native module fits this machine');
    expect(screen.getByRole('region', { name: 'Connection lost' }).textContent).toContain(
      'What you see is from',
    );
    const spoken = () => screen.getAllByRole('status').map((s) => s.textContent);
    expect(spoken()).toContain(
      'Connection lost, reconnecting. Last known: Every native module fits this machine',
    );
    expect(document.title).toMatch(/^Reconnecting/);
    await act(async () => void fireEvent.click(screen.getByRole('button', { name: 'Try now' })));
    expect(screen.queryByRole('region', { name: 'Connection lost' })).toBeNull();
    expect(spoken()).toContain('Every native module fits this machine');
  });

  it('stops the clock while the server may be down', async () => {
    await show(vi.fn<Load>().mockResolvedValueOnce(reply()).mockRejectedValue(gone));
    await act(() => vi.advanceTimersByTimeAsync(3000));
    expect(screen.getByText('1 min 8 s')).toBeTruthy();
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    expect(screen.getByText('1 min 5 s')).toBeTruthy();
  });
});

describe('the table', () => {
  const filter = (value: string) =>
    fireEvent.change(screen.getByRole('searchbox', { name: /^Filter by name/ }), { target: { value } });

  it('filters, counts aloud, and offers a way back', async () => {
    await open();
    filter('HTTP');
    expect(rows()).toEqual(['httptools, 2 native modules']);
    expect(screen.getByText('1 of 4 distributions').tagName).toBe('OUTPUT');
    filter('zzz');
    expect(screen.getByText('Nothing matches “zzz”')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Show all' }));
    expect(rows()).toHaveLength(4);
  });

  it('shows only problems', async () => {
    await open(runtime(bad()));
    fireEvent.click(screen.getByRole('checkbox', { name: /Only problems/ }));
    expect(rows()).toEqual(['uvloop, 1 native module']);
  });

  it('says that there are no problems', async () => {
    await open();
    fireEvent.click(screen.getByRole('checkbox', { name: /Only problems/ }));
    expect(screen.getByText('No problems: everything fits')).toBeTruthy();
  });

  it('sorts, and says how', async () => {
    await open();
    const column = (name: string) => screen.getByRole('columnheader', { name });
    expect(column('Name').getAttribute('aria-sort')).toBe('ascending');
    fireEvent.click(screen.getByRole('button', { name: 'Modules' }));
    expect(column('Modules').getAttribute('aria-sort')).toBe('descending');
    expect(column('Name').hasAttribute('aria-sort')).toBe(false);
    expect(rows()[0]).toBe('httptools, 2 native modules');
  });

  it('keeps what a person opened over the next poll', async () => {
    await open();
    const button = () => screen.getByRole('button', { name: /^httptools/ });
    fireEvent.click(button());
    await act(() => vi.advanceTimersByTimeAsync(INTERVAL));
    expect(button().getAttribute('aria-expanded')).toBe('true');
    const more = document.getElementById(button().getAttribute('aria-controls') ?? '');
    expect(more?.textContent).toContain('url_parser.so');
    expect(await violations()).toEqual([]);
  });

  it('has a caption, column and row headers', async () => {
    await open();
    const table = screen.getByRole('table', { name: /Installed distributions/ });
    expect(within(table).getAllByRole('columnheader')).toHaveLength(5);
    expect(within(table).getAllByRole('rowheader')).toHaveLength(4);
  });
});
