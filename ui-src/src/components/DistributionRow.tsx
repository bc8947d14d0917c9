import { useId } from 'react';
import { plural, verdictOf } from '../format';
import type { Distribution } from '../runtime';
import { Breakable } from './Breakable';
import { Icon } from './Icon';
import { ModuleList } from './ModuleList';
import { VerdictMark } from './VerdictMark';

interface Props {
  distribution: Distribution;
  open: boolean;
  onToggle: () => void;
}

/** One distribution: a row, and its modules in a second row where it has any. */
export function DistributionRow({ distribution: d, open, onToggle }: Props) {
  const id = useId();
  const verdict = verdictOf(d);
  const expandable = d.modules.length > 0;
  return (
    <tbody className={`row row-${verdict}`}>
      <tr>
        <th scope="row" className="col-name">
          {expandable ? (
            <button
              type="button"
              className="name"
              aria-expanded={open}
              aria-controls={open ? id : undefined}
              onClick={onToggle}
            >
              <Icon name="chevron" />
              <span>
                {d.name}
                <span className="hidden">, {plural(d.modules.length, 'native module')}</span>
              </span>
            </button>
          ) : (
            <span className="name">{d.name}</span>
          )}
          <span className="under">
            <span>{d.version ?? 'no version'}</span>{' '}
            <code>
              <Breakable>{d.tag ?? 'no tag'}</Breakable>
            </code>
          </span>
        </th>
        <td className="col-version">{d.version ?? <span className="none">unknown</span>}</td>
        <td className="col-tag">
          {d.tag ? (
            <code>
              <Breakable>{d.tag}</Breakable>
            </code>
          ) : (
            <span className="none">not a wheel</span>
          )}
        </td>
        <td className="col-modules">{expandable ? d.modules.length : <span className="none">0</span>}</td>
        <td className="col-verdict">
          <VerdictMark verdict={verdict} />
        </td>
      </tr>
      {expandable && open && (
        <tr className="more" id={id}>
          <td colSpan={5}>
            <ModuleList of={d} />
          </td>
        </tr>
      )}
    </tbody>
  );
}
