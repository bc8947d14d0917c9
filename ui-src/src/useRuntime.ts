import { useEffect, useReducer, useRef } from 'react';
import { ApiError, fetchRuntime, type Reply } from './api';

/** `loading` and `failed`: nothing to show yet. `reconnecting`: the last reply is shown, and it is old. */
export type Phase = 'loading' | 'live' | 'reconnecting' | 'failed';

export interface State {
  phase: Phase;
  /** The last good reply, kept when the server goes away. */
  reply: Reply | null;
  error: ApiError | null;
  /** A request is under way. */
  busy: boolean;
}

type Event =
  | { type: 'asked' }
  | { type: 'dropped' }
  | { type: 'answered'; reply: Reply }
  | { type: 'failed'; error: ApiError };

export const initial: State = { phase: 'loading', reply: null, error: null, busy: false };

export function reduce(state: State, event: Event): State {
  switch (event.type) {
    case 'asked':
      return { ...state, busy: true };
    case 'dropped':
      return { ...state, busy: false };
    case 'answered':
      return { phase: 'live', reply: event.reply, error: null, busy: false };
    case 'failed':
      return { ...state, phase: state.reply ? 'reconnecting' : 'failed', error: event.error, busy: false };
  }
}

/** Milliseconds between polls while the server answers. */
export const INTERVAL = 5000;

/** Milliseconds until the next try after n failures in a row: 1, 2, 4, 8, then 10 s. */
export function backoff(failures: number): number {
  return Math.min(10_000, 1000 * 2 ** (failures - 1));
}

export type Load = (signal: AbortSignal) => Promise<Reply>;

/** Polls the server while the page can be seen. `retry` asks at once. */
export function useRuntime(load: Load = fetchRuntime): State & { retry: () => void } {
  const [state, dispatch] = useReducer(reduce, initial);
  const poke = useRef(() => {});

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let request: AbortController | undefined;
    let failures = 0;

    function stop() {
      clearTimeout(timer);
      request?.abort();
    }
    async function poll() {
      stop();
      const mine = new AbortController();
      request = mine;
      dispatch({ type: 'asked' });
      try {
        const reply = await load(mine.signal);
        if (mine.signal.aborted) return;
        failures = 0;
        dispatch({ type: 'answered', reply });
      } catch (cause) {
        if (mine.signal.aborted) return;
        failures++;
        dispatch({
          type: 'failed',
          error: cause instanceof ApiError ? cause : new ApiError(String(cause), ''),
        });
      }
      if (!document.hidden) timer = setTimeout(poll, failures > 0 ? backoff(failures) : INTERVAL);
    }
    function onVisibility() {
      if (!document.hidden) return void poll();
      stop();
      dispatch({ type: 'dropped' });
    }

    poke.current = () => void poll();
    void poll();
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('online', poll);
    return () => {
      stop();
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('online', poll);
    };
  }, [load]);

  return { ...state, retry: () => poke.current() };
}
