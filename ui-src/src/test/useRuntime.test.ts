// @vitest-environment jsdom
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api';
import { backoff, INTERVAL, type Load, useRuntime } from '../useRuntime';
import { reply } from './sample';

const gone = new ApiError('The server does not answer', '');
let hidden = false;

function hide(value: boolean) {
  hidden = value;
  act(() => void document.dispatchEvent(new Event('visibilitychange')));
}
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  hidden = false;
  vi.useFakeTimers();
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe('useRuntime', () => {
  it('loads, then polls', async () => {
    const load = vi.fn<Load>(async () => reply());
    const { result } = renderHook(() => useRuntime(load));
    expect(result.current.phase).toBe('loading');
    await pass(0);
    expect(result.current.phase).toBe('live');
    await pass(INTERVAL * 2);
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('fails without data, and comes back by itself', async () => {
    const load = vi.fn<Load>(async () => reply()).mockRejectedValueOnce(gone);
    const { result } = renderHook(() => useRuntime(load));
    await pass(0);
    expect(result.current).toMatchObject({ phase: 'failed', reply: null, error: gone });
    await pass(backoff(1));
    expect(result.current).toMatchObject({ phase: 'live', error: null });
  });

  it('keeps the last data while it reconnects', async () => {
    const first = reply();
    const load = vi.fn<Load>().mockResolvedValueOnce(first).mockRejectedValue(gone);
    const { result } = renderHook(() => useRuntime(load));
    await pass(0);
    await pass(INTERVAL);
    expect(result.current).toMatchObject({ phase: 'reconnecting', error: gone });
    expect(result.current.reply).toBe(first);
    load.mockImplementation(async () => reply());
    await pass(backoff(1));
    expect(result.current.phase).toBe('live');
  });

  it('asks less and less often, and at once when told to', async () => {
    const load = vi.fn<Load>().mockRejectedValue(gone);
    const { result } = renderHook(() => useRuntime(load));
    await pass(0);
    await pass(1000 + 2000 + 4000);
    expect(load).toHaveBeenCalledTimes(4);
    await pass(7000);
    expect(load).toHaveBeenCalledTimes(4);
    await act(async () => result.current.retry());
    expect(load).toHaveBeenCalledTimes(5);
    expect([1, 2, 4, 5, 99].map(backoff)).toEqual([1000, 2000, 8000, 10_000, 10_000]);
  });

  it('rests while the page is hidden, and asks as soon as it is seen', async () => {
    const load = vi.fn<Load>(async () => reply());
    renderHook(() => useRuntime(load));
    await pass(0);
    hide(true);
    await pass(INTERVAL * 10);
    expect(load).toHaveBeenCalledTimes(1);
    hide(false);
    await pass(0);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('asks once, and then rests, when it is opened in the background', async () => {
    hidden = true;
    const load = vi.fn<Load>(async () => reply());
    const { result } = renderHook(() => useRuntime(load));
    await pass(INTERVAL * 10);
    expect(result.current.phase).toBe('live');
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('drops a request that was under way when the page was hidden', async () => {
    const load = vi.fn<Load>(() => new Promise(() => {}));
    const { result } = renderHook(() => useRuntime(load));
    expect(result.current.busy).toBe(true);
    hide(true);
    expect(load.mock.calls[0]?.[0].aborted).toBe(true);
    expect(result.current.busy).toBe(false);
  });

  it('leaves nothing running behind', async () => {
    const load = vi.fn<Load>(async () => reply());
    const { unmount } = renderHook(() => useRuntime(load));
    await pass(0);
    unmount();
    await pass(INTERVAL * 3);
    expect(load).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
