import { useId } from 'react';
import type { Query } from '../select';
import { Icon } from './Icon';

interface Props {
  query: Query;
  misfits: number;
  onChange: (query: Query) => void;
}

export function Toolbar({ query, misfits, onChange }: Props) {
  const id = useId();
  return (
    <search className="toolbar" aria-label="Distributions">
      <div className="filter">
        <Icon name="search" />
        <label className="hidden" htmlFor={id}>
          Filter by name, version, tag, module or architecture
        </label>
        <input
          id={id}
          type="search"
          placeholder="Filter"
          autoComplete="off"
          spellCheck={false}
          value={query.text}
          onChange={(e) => onChange({ ...query, text: e.target.value })}
        />
      </div>
      <label className="toggle">
        <input
          type="checkbox"
          checked={query.onlyProblems}
          onChange={(e) => onChange({ ...query, onlyProblems: e.target.checked })}
        />
        Only problems <span className="number">{misfits}</span>
      </label>
    </search>
  );
}
