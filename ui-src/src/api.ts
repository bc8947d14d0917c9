import { parseRuntime, type Runtime, ShapeError } from './runtime';

/** What one successful poll brings. */
export interface Reply {
  runtime: Runtime;
  /** How long the server had been up when it answered, in milliseconds, by its own clock. Null when it can't be told. */
  uptime: number | null;
  /** When the answer arrived, in milliseconds since the epoch, by this browser's clock. */
  received: number;
}

/** A failure in words for people: what happened, and what may help. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    message: string,
    readonly help: string,
  ) {
    super(message);
  }
}

/** Milliseconds after which a server that says nothing counts as gone. */
export const TIMEOUT = 8000;

const unreachable = 'Is it still running? “noetl server status” tells; “noetl server start” starts it.';

/** Asks the server what is running. Rejects with ApiError, or with the signal's own reason when it was aborted. */
export async function fetchRuntime(signal: AbortSignal, timeout = TIMEOUT): Promise<Reply> {
  const limit = new AbortController();
  const abort = () => limit.abort();
  signal.addEventListener('abort', abort);
  const timer = setTimeout(abort, timeout);
  try {
    const response = await fetch('/api/runtime', {
      signal: limit.signal,
      cache: 'no-store',
      headers: { Accept: 'application/json' },
    });
    if (!response.ok) throw await refusal(response);
    const runtime = parseRuntime(await response.json());
    const received = Date.now();
    const measured = runtime.process?.uptime_seconds ?? null;
    const uptime =
      measured === null
        ? uptimeAt(response.headers.get('date'), runtime.server.started, received)
        : measured * 1000;
    return { runtime, uptime, received };
  } catch (cause) {
    signal.throwIfAborted();
    throw explain(cause, limit.signal.aborted, timeout);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** The server's clock (the Date header) is preferred: the browser's may be on another machine, and wrong. */
export function uptimeAt(date: string | null, started: string, now: number): number | null {
  const from = Date.parse(started);
  if (Number.isNaN(from)) return null;
  const server = date === null ? Number.NaN : Date.parse(date);
  return Math.max(0, (Number.isNaN(server) ? now : server) - from);
}

async function refusal(response: Response): Promise<ApiError> {
  const detail = await response
    .json()
    .then((body: { detail?: unknown } | null) => (typeof body?.detail === 'string' ? body.detail : null))
    .catch(() => null);
  const log = 'Its log says more.';
  return new ApiError(
    `The server answered ${response.status}`,
    detail === null ? log : `It says: “${detail}”. ${log}`,
  );
}

function explain(cause: unknown, timedOut: boolean, timeout: number): ApiError {
  if (cause instanceof ApiError) return cause;
  if (timedOut)
    return new ApiError(`The server did not answer within ${timeout / 1000} seconds`, unreachable);
  if (cause instanceof ShapeError || cause instanceof SyntaxError) {
    const what = cause instanceof ShapeError ? cause.message : 'it is not JSON';
    return new ApiError(
      'The server’s answer makes no sense to this page',
      `What is wrong: ${what}. The page and the server may be of different versions: reload the page.`,
    );
  }
  return new ApiError('The server does not answer', unreachable);
}
