export type IconName = 'good' | 'bad' | 'neutral' | 'chevron' | 'up' | 'down' | 'both' | 'search';

const paths: Record<IconName, string> = {
  good: 'M4.5 10.5l3.6 3.6L15.5 6.6',
  bad: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  neutral: 'M5 10h10',
  chevron: 'M7.5 5l5 5-5 5',
  up: 'M5.5 12.5L10 8l4.5 4.5',
  down: 'M5.5 7.5L10 12l4.5-4.5',
  both: 'M6.5 8L10 4.5 13.5 8M6.5 12l3.5 3.5 3.5-3.5',
  search: 'M13 13l4 4M8.5 14a5.5 5.5 0 1 1 0-11 5.5 5.5 0 0 1 0 11z',
};

/** A drawing beside words: always hidden from screen readers, so the words must say it too. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
