import type { Column, Order } from '../select';
import { Icon } from './Icon';

interface Props {
  column: Column;
  order: Order;
  onSort: (by: Column) => void;
  children: string;
}

export function SortHeader({ column, order, onSort, children }: Props) {
  const active = order.by === column;
  const direction = order.descending ? 'descending' : 'ascending';
  const icon = order.descending ? 'down' : 'up';
  return (
    <th scope="col" className={`col-${column}`} {...(active && { 'aria-sort': direction })}>
      <button type="button" className="sort" onClick={() => onSort(column)}>
        {children}
        <Icon name={active ? icon : 'both'} />
      </button>
    </th>
  );
}
