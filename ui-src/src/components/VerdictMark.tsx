import { type Verdict, verdictWords } from '../format';
import { Icon, type IconName } from './Icon';

const icons: Record<Verdict, IconName> = { misfit: 'bad', fits: 'good', pure: 'neutral', bare: 'neutral' };

/** A verdict by shape, colour and words. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <span className={`mark mark-${verdict}`}>
      <Icon name={icons[verdict]} />
      {verdictWords[verdict]}
    </span>
  );
}
