import mark from '../favicon.svg';
import type { Phase } from '../useRuntime';

const words: Record<Phase, string> = {
  loading: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  failed: 'No data',
};

export function Header({ phase }: { phase: Phase }) {
  return (
    <header className="top">
      <p className="brand">
        <img src={mark} alt="" width="24" height="24" />
        NoETL <span className="brand-sub">runtime</span>
      </p>
      <p className={`connection connection-${phase}`}>
        <span className="dot" aria-hidden="true" />
        <span className="hidden">Connection: </span>
        {words[phase]}
      </p>
    </header>
  );
}
