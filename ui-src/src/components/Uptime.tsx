import { useEffect, useState } from 'react';
import { duration } from '../format';

interface Props {
  /** Milliseconds, by the server's clock, when the reply came. */
  uptime: number | null;
  /** Milliseconds since the epoch, by this browser's clock, when the reply came. */
  received: number;
  /** False stops the clock: a server that does not answer may not be up. */
  running: boolean;
}

export function Uptime({ uptime, received, running }: Props) {
  const [now, setNow] = useState(received);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);

  if (uptime === null) return 'Unknown';
  return duration(uptime + (running ? Math.max(0, now - received) : 0));
}
