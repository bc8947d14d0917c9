import { useState } from 'react';
import { verdictOf } from '../format';
import type { Distribution } from '../runtime';
import { type Column, type Order, rowKeys } from '../select';
import { DistributionRow } from './DistributionRow';
import { SortHeader } from './SortHeader';

interface Props {
  rows: readonly Distribution[];
  order: Order;
  onSort: (by: Column) => void;
}

const headings: [Column, string][] = [
  ['name', 'Name'],
  ['version', 'Version'],
  ['tag', 'Wheel tag'],
  ['modules', 'Modules'],
  ['verdict', 'Verdict'],
];

/** Rows with a problem begin open; what a person opened or closed stays so over every poll. */
export function DistributionTable({ rows, order, onSort }: Props) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const keys = rowKeys(rows);
  return (
    <table className="table">
      <caption className="hidden">
        Installed distributions with their native modules’ verdicts. The buttons in the header sort; the
        buttons in the first column show a distribution’s modules.
      </caption>
      <thead>
        <tr>
          {headings.map(([column, words]) => (
            <SortHeader key={column} column={column} order={order} onSort={onSort}>
              {words}
            </SortHeader>
          ))}
        </tr>
      </thead>
      {rows.map((d, i) => {
        const key = keys[i] ?? d.name;
        const open = chosen.get(key) ?? verdictOf(d) === 'misfit';
        return (
          <DistributionRow
            key={key}
            distribution={d}
            open={open}
            onToggle={() => setChosen(new Map(chosen).set(key, !open))}
          />
        );
      })}
    </table>
  );
}
