interface Level {
  ok: boolean;
  machine: string;
  cpus: number;
}

const level: Level = await (await fetch('/healthz')).json();
const line = document.querySelector('#level');
if (line) line.textContent = `${level.cpus} processors of ${level.machine}`;
