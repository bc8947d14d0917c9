import type { Distribution, NativeModule } from '../runtime';
import { Breakable } from './Breakable';
import { VerdictMark } from './VerdictMark';

const formats: Record<string, string> = { elf: 'ELF', macho: 'Mach-O', 'mach-o': 'Mach-O', pe: 'PE' };

function kind({ format, arch }: NativeModule): string {
  const name = format === null ? null : (formats[format.toLowerCase()] ?? format);
  return [name, arch].filter((part) => part !== null).join(' · ') || 'unknown format';
}

export function ModuleList({ of }: { of: Distribution }) {
  return (
    <ul className="modules" aria-label={`Native modules of ${of.name}`}>
      {of.modules.map((m) => (
        <li key={m.path}>
          <code className="path">
            <Breakable>{m.path}</Breakable>
          </code>
          <span className="kind">{kind(m)}</span>
          <VerdictMark verdict={m.fits ? 'fits' : 'misfit'} />
          {m.reason !== null && <span className="reason">{m.reason}</span>}
        </li>
      ))}
    </ul>
  );
}
