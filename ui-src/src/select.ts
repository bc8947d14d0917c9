import { type Verdict, verdictOf } from './format';
import type { Distribution } from './runtime';

export type Column = 'name' | 'version' | 'tag' | 'modules' | 'verdict';

export interface Order {
  by: Column;
  descending: boolean;
}

export interface Query {
  text: string;
  onlyProblems: boolean;
  order: Order;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const weight: Record<Verdict, number> = { misfit: 0, fits: 1, bare: 2, pure: 3 };

/** Every word must occur somewhere in name, version, tag, architecture or a module's path. */
export function matches(d: Distribution, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const parts = [d.name, d.version ?? '', d.tag ?? '', ...d.modules.flatMap((m) => [m.path, m.arch ?? ''])];
  const hay = parts.join('\n').toLowerCase();
  return words.every((word) => hay.includes(word));
}

function compare(a: Distribution, b: Distribution, by: Column): number {
  switch (by) {
    case 'name':
      return collator.compare(a.name, b.name);
    case 'version':
      return collator.compare(a.version ?? '', b.version ?? '');
    case 'tag':
      return collator.compare(a.tag ?? '', b.tag ?? '');
    case 'modules':
      return a.modules.length - b.modules.length;
    case 'verdict':
      return weight[verdictOf(a)] - weight[verdictOf(b)];
  }
}

/** The rows that a query asks for. Equal rows stay in order of their names, whichever way the column is sorted. */
export function select(all: readonly Distribution[], q: Query): Distribution[] {
  const sign = q.order.descending ? -1 : 1;
  return all
    .filter((d) => (!q.onlyProblems || verdictOf(d) === 'misfit') && matches(d, q.text))
    .sort((a, b) => sign * compare(a, b, q.order.by) || compare(a, b, 'name'));
}

/** The order after a click on a column's heading: numbers start with the largest, everything else with the smallest. */
export function reorder(order: Order, by: Column): Order {
  return order.by === by ? { by, descending: !order.descending } : { by, descending: by === 'modules' };
}

/** A key for each row that outlives sorting, also where one distribution is installed twice. */
export function rowKeys(rows: readonly Distribution[]): string[] {
  const seen = new Map<string, number>();
  return rows.map((d) => {
    const name = `${d.name} ${d.version} ${d.tag}`;
    const n = seen.get(name) ?? 0;
    seen.set(name, n + 1);
    return `${name} ${n}`;
  });
}
