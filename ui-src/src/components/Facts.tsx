import type { ReactNode } from 'react';
import type { Reply } from '../api';
import { megabytes, shortRevision } from '../format';
import { Breakable } from './Breakable';
import { Icon } from './Icon';
import { Uptime } from './Uptime';

function Fact({ name, value, children }: { name: string; value: ReactNode; children?: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>
        <span className="value">{value}</span>
        {children}
      </dd>
    </div>
  );
}

function Notice({ children }: { children: ReactNode }) {
  return (
    <span className="notice">
      <Icon name="bad" />
      {children}
    </span>
  );
}

export function Facts({ reply, running }: { reply: Reply; running: boolean }) {
  const { platform, python, server, process, cli } = reply.runtime;
  const otherPlatform = cli?.platform && cli.platform !== platform.platform;
  return (
    <section className="facts" aria-labelledby="facts">
      <h2 id="facts">What is running</h2>
      <dl>
        <Fact name="Platform" value={platform.platform}>
          <span className="note">
            {platform.machine}
            {platform.libc && ` · ${platform.libc}`}
          </span>
        </Fact>
        <Fact name="Python" value={python.version}>
          <span className="note">
            {python.implementation} · {python.abi}
          </span>
          <code className="note path">
            <Breakable>{python.executable}</Breakable>
          </code>
        </Fact>
        <Fact name="Server" value={server.version}>
          <span className="note">
            {server.revision ? (
              <code title={server.revision}>{shortRevision(server.revision)}</code>
            ) : (
              'no revision'
            )}{' '}
            · pid {server.pid}
          </span>
          {process?.memory_bytes != null && (
            <span className="note">{megabytes(process.memory_bytes)} of memory</span>
          )}
        </Fact>
        <Fact name="CLI" value={cli ? cli.version : 'None'}>
          <span className="note">
            {cli ? (cli.platform ?? 'platform unknown') : 'not started by the noetl command'}
          </span>
          {otherPlatform && <Notice>not built for {platform.platform}</Notice>}
          {cli && cli.version !== server.version && <Notice>not the server’s version</Notice>}
        </Fact>
        <Fact
          name="Uptime"
          value={<Uptime uptime={reply.uptime} received={reply.received} running={running} />}
        >
          <Started at={server.started} />
        </Fact>
      </dl>
    </section>
  );
}

function Started({ at }: { at: string }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return null;
  const words = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <span className="note">
      since <time dateTime={at}>{words}</time>
    </span>
  );
}
