import type { ApiError } from '../api';
import { Icon } from './Icon';

interface Props {
  error: ApiError;
  busy: boolean;
  retry: () => void;
}

/** The page when there is nothing to show. It keeps trying by itself; the button is for the impatient. */
export function Failure({ error, busy, retry }: Props) {
  return (
    <section className="verdict verdict-bad" aria-labelledby="failure">
      <span className="seal">
        <Icon name="bad" />
      </span>
      <div className="verdict-words">
        <h1 id="failure">{error.message}</h1>
        {error.help && <p className="detail">{error.help}</p>}
        <p className="actions">
          <button type="button" className="primary" onClick={retry} aria-disabled={busy}>
            {busy ? 'Trying…' : 'Try again'}
          </button>
          <span className="note">This page also keeps trying by itself.</span>
        </p>
      </div>
    </section>
  );
}
