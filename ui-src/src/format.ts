import type { Distribution, Runtime } from './runtime';

/** `1 module`, `3 modules`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** A span of milliseconds in its two largest units: `3 days 4 h`, `12 min 5 s`. */
export function duration(ms: number): string {
  const s = Math.floor(ms / 1000);
  const [days, h, min] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (days > 0) return `${plural(days, 'day')} ${h} h`;
  if (h > 0) return `${h} h ${min} min`;
  if (min > 0) return `${min} min ${s % 60} s`;
  return `${s} s`;
}

/** A number of bytes as people say it: `48 MB`, of a million bytes each. */
export function megabytes(bytes: number): string {
  const mb = bytes / 1e6;
  return `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`;
}

/** A short revision, as git shows it; whatever is no git hash stays whole. */
export function shortRevision(revision: string): string {
  return /^[0-9a-f]{12,64}$/.test(revision) ? revision.slice(0, 7) : revision;
}

export type Verdict = 'misfit' | 'fits' | 'pure' | 'bare';

/** What one distribution's modules say. A misfit of one module is never outvoted by the distribution's own flag. */
export function verdictOf(d: Distribution): Verdict {
  if (!d.fits || d.modules.some((m) => !m.fits)) return 'misfit';
  if (d.modules.length > 0) return 'fits';
  return d.native ? 'bare' : 'pure';
}

export const verdictWords: Record<Verdict, string> = {
  misfit: 'Does not fit',
  fits: 'Fits',
  pure: 'Pure Python',
  bare: 'No modules',
};

export interface Summary {
  tone: 'good' | 'bad' | 'neutral';
  title: string;
  detail: string;
}

/** The one sentence that this page exists for, and the sentence under it. */
export function summarize(r: Runtime): Summary {
  const here = `${r.platform.platform} and ${r.python.implementation} ${r.python.version}`;
  const modules = r.distributions.flatMap((d) => d.modules);
  const misfits = modules.filter((m) => !m.fits).length;
  if (misfits > 0) {
    return {
      tone: 'bad',
      title: `${plural(misfits, 'native module does', 'native modules do')} not fit this machine`,
      detail: `Importing ${misfits === 1 ? 'it' : 'them'} fails on ${here}.`,
    };
  }
  if (!r.fits || r.distributions.some((d) => !d.fits)) {
    return {
      tone: 'bad',
      title: 'Something here does not fit this machine',
      detail: `The server says so for ${here}, but names no module. Its log says more.`,
    };
  }
  if (modules.length === 0) {
    const n = r.distributions.length;
    return {
      tone: 'neutral',
      title: 'No native modules to check',
      detail:
        n === 0 ? 'No distributions are installed.' : `${plural(n, 'distribution')}, none with machine code.`,
    };
  }
  const natives = r.distributions.filter((d) => d.modules.length > 0).length;
  return {
    tone: 'good',
    title: 'Every native module fits this machine',
    detail: `${plural(modules.length, 'module')} in ${plural(natives, 'distribution')}, read and compared with ${here}.`,
  };
}

export interface Problem {
  key: string;
  distribution: string;
  path: string | null;
  reason: string;
}

/** Everything that does not fit, one entry a module, in the order of the distributions. */
export function problems(r: Runtime): Problem[] {
  return r.distributions.flatMap((d, i): Problem[] => {
    const distribution = d.version === null ? d.name : `${d.name} ${d.version}`;
    const bad = d.modules.filter((m) => !m.fits);
    if (bad.length === 0 && !d.fits) {
      return [{ key: `${i}`, distribution, path: null, reason: 'no reason given' }];
    }
    return bad.map((m) => ({
      key: `${i} ${m.path}`,
      distribution,
      path: m.path,
      reason: m.reason ?? (m.arch === null ? 'no reason given' : `built for ${m.arch}`),
    }));
  });
}
