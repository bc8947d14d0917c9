import { useEffect } from 'react';
import { Distributions } from './components/Distributions';
import { Facts } from './components/Facts';
import { Failure } from './components/Failure';
import { Footer } from './components/Footer';
import { Header } from './components/Header';
import { Loading } from './components/Loading';
import { Stale } from './components/Stale';
import { VerdictBanner } from './components/VerdictBanner';
import { summarize } from './format';
import { type Load, type State, useRuntime } from './useRuntime';

/** What a screen reader hears when something changes; a poll that brings the same again says nothing. */
export function announcement({ phase, reply, error }: State): string {
  if (phase === 'loading') return 'Asking the server';
  if (phase === 'failed' || reply === null) return error?.message ?? '';
  const { title } = summarize(reply.runtime);
  return phase === 'reconnecting' ? `Connection lost, reconnecting. Last known: ${title}` : title;
}

function pageTitle({ phase, reply }: State): string {
  if (reply === null) return phase === 'failed' ? 'No answer · NoETL' : 'NoETL';
  const word = { good: 'Fits', bad: 'Does not fit', neutral: 'Nothing native' }[
    summarize(reply.runtime).tone
  ];
  const lead = phase === 'reconnecting' ? 'Reconnecting' : word;
  return `${lead} · ${reply.runtime.platform.platform} · NoETL`;
}

export function App({ load }: { load?: Load }) {
  const state = useRuntime(load);
  const { phase, reply, error, busy, retry } = state;
  const title = pageTitle(state);
  useEffect(() => {
    document.title = title;
  }, [title]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Header phase={phase} />
      <output className="hidden">{announcement(state)}</output>
      <main id="main" tabIndex={-1} aria-busy={phase === 'loading'}>
        {phase === 'reconnecting' && reply && (
          <Stale since={reply.received} error={error} busy={busy} retry={retry} />
        )}
        {reply && (
          <>
            <VerdictBanner runtime={reply.runtime} />
            <Facts reply={reply} running={phase === 'live'} />
            <Distributions all={reply.runtime.distributions} />
          </>
        )}
        {!reply && error && <Failure error={error} busy={busy} retry={retry} />}
        {!reply && !error && <Loading />}
      </main>
      <Footer server={reply?.runtime.server.version ?? null} />
    </>
  );
}
