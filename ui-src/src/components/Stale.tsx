import type { ApiError } from '../api';

interface Props {
  /** Milliseconds since the epoch: when the shown data came. */
  since: number;
  error: ApiError | null;
  busy: boolean;
  retry: () => void;
}

/** The strip above data that may no longer be true. */
export function Stale({ since, error, busy, retry }: Props) {
  const at = new Date(since);
  return (
    <section className="stale" aria-label="Connection lost">
      <p>
        <strong>Reconnecting.</strong> {error?.message ?? 'The server does not answer'}. What you see is from{' '}
        <time dateTime={at.toISOString()}>{at.toLocaleTimeString()}</time>.
      </p>
      <button type="button" className="quiet" onClick={retry} aria-disabled={busy}>
        {busy ? 'Trying…' : 'Try now'}
      </button>
    </section>
  );
}
