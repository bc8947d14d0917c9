import { Fragment } from 'react';

/** Text without spaces (a path, a wheel tag) that may wrap after its separators instead of in mid-word. */
export function Breakable({ children }: { children: string }) {
  const parts = children.split(/(?<=[/\\.-])/);
  return parts.map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts are a cut of one text and have no other identity
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
