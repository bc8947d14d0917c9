import { version } from '../../package.json';

/** A tab that stayed open over an upgrade runs the old page: that is worth a word. */
export function Footer({ server }: { server: string | null }) {
  const old = server !== null && server !== version;
  return (
    <footer className="foot">
      <p>
        Each module’s own header is read and compared with the running interpreter. The wheel’s tag is only
        shown.
      </p>
      <p>
        Page {version}
        {old && (
          <>
            , server {server}: <a href="/">reload</a>
          </>
        )}{' '}
        · <a href="/api/runtime">Raw data (JSON)</a>
      </p>
    </footer>
  );
}
