import { useState } from 'react';
import { plural, verdictOf } from '../format';
import type { Distribution } from '../runtime';
import { type Query, reorder, select } from '../select';
import { DistributionTable } from './DistributionTable';
import { Toolbar } from './Toolbar';

const start: Query = { text: '', onlyProblems: false, order: { by: 'name', descending: false } };

export function Distributions({ all }: { all: readonly Distribution[] }) {
  const [query, setQuery] = useState(start);
  const rows = select(all, query);
  const misfits = all.filter((d) => verdictOf(d) === 'misfit').length;
  const count = plural(all.length, 'distribution');

  return (
    <section className="distributions" aria-labelledby="distributions">
      <h2 id="distributions">Distributions</h2>
      {all.length === 0 ? (
        <div className="empty">
          <p className="empty-title">No distributions</p>
          <p>This Python has no installed package that it can name.</p>
        </div>
      ) : (
        <>
          <Toolbar query={query} misfits={misfits} onChange={setQuery} />
          <output className="count">
            {rows.length === all.length ? count : `${rows.length} of ${count}`}
          </output>
          {rows.length > 0 ? (
            <DistributionTable
              rows={rows}
              order={query.order}
              onSort={(by) => setQuery({ ...query, order: reorder(query.order, by) })}
            />
          ) : (
            <Nothing query={query} onClear={() => setQuery({ ...start, order: query.order })} />
          )}
        </>
      )}
    </section>
  );
}

function Nothing({ query, onClear }: { query: Query; onClear: () => void }) {
  const what = query.onlyProblems ? 'No problem' : 'Nothing';
  return (
    <div className="empty">
      <p className="empty-title">
        {query.text.trim() ? `${what} matches “${query.text.trim()}”` : 'No problems: everything fits'}
      </p>
      <button type="button" className="quiet" onClick={onClear}>
        Show all
      </button>
    </div>
  );
}
