import { useState } from 'react';
import { plural, problems, summarize } from '../format';
import type { Runtime } from '../runtime';
import { Breakable } from './Breakable';
import { Icon } from './Icon';

/** More than this are folded away: the table below has them all. */
const SHOWN = 5;

export function VerdictBanner({ runtime }: { runtime: Runtime }) {
  const { tone, title, detail } = summarize(runtime);
  const found = problems(runtime);
  const [all, setAll] = useState(false);
  const shown = all ? found : found.slice(0, SHOWN);
  return (
    <section className={`verdict verdict-${tone}`} aria-labelledby="verdict">
      <span className="seal">
        <Icon name={tone} />
      </span>
      <div className="verdict-words">
        <h1 id="verdict">{title}</h1>
        <p className="detail">{detail}</p>
        {found.length > 0 && (
          <ul className="problems" aria-label="What does not fit">
            {shown.map((p) => (
              <li key={p.key}>
                <strong>{p.distribution}</strong>: {p.reason}
                {p.path !== null && (
                  <code className="path">
                    <Breakable>{p.path}</Breakable>
                  </code>
                )}
              </li>
            ))}
          </ul>
        )}
        {found.length > SHOWN && (
          <button type="button" className="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show ${plural(found.length - SHOWN, 'more', 'more')}`}
          </button>
        )}
      </div>
    </section>
  );
}
