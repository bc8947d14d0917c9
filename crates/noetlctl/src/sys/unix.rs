//! Linux, macOS and other Unix systems.
#![allow(unsafe_code)]

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use libc::{SIGCHLD, SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM, c_int, pid_t};
use signal_hook::iterator::Signals;

use super::{Event, Events, Signal};

/// How often to look at a child when no event comes. SIGCHLD is one, so this is only a safety net.
pub const TICK: Duration = Duration::from_secs(5);

/// Starts to catch signals. As process 1 of a container this is what makes them reach us at all.
pub fn events() -> io::Result<Events> {
    let (sender, receiver) = channel();
    // `nohup` and a shell's `&` have us ignore some: they know why.
    let wanted = [SIGINT, SIGHUP, SIGQUIT].into_iter().filter(|&signal| !ignored(signal));
    let mut signals = Signals::new(wanted.chain([SIGTERM, SIGCHLD]))?;
    let send = sender.clone();
    thread::spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGCHLD => Event::Child,
                SIGINT => Event::Stop(Signal::Interrupt),
                _ => Event::Stop(Signal::Terminate),
            };
            if send.send(event).is_err() {
                return;
            }
        }
    });
    Ok(Events { receiver, _sender: sender })
}

fn ignored(signal: c_int) -> bool {
    // SAFETY: sigaction is plain data, and with no new action the call only reads.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
    }
}

/// Prepares a child that ends with us. It gets a process group of its own: a Ctrl-C on the terminal then reaches it
/// once, through us, and not a second time, which servers take for "now!".
pub fn foreground(command: &mut Command) {
    command.process_group(0);
    #[cfg(target_os = "linux")]
    {
        let parent = std::process::id();
        let tie = move || {
            // SAFETY: both calls are async-signal-safe, as code between fork and exec must be.
            let (set, now) = unsafe { (libc::prctl(libc::PR_SET_PDEATHSIG, SIGTERM), libc::getppid()) };
            if set != 0 {
                return Err(io::Error::last_os_error());
            }
            if now as u32 == parent { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
        };
        // SAFETY: see above; it allocates nothing and takes no locks.
        unsafe { command.pre_exec(tie) };
    }
}

/// Prepares a child that outlives us and the terminal: a session of its own.
pub fn detached(command: &mut Command) {
    let leave = || {
        // SAFETY: setsid is async-signal-safe.
        if unsafe { libc::setsid() } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    };
    // SAFETY: it allocates nothing and takes no locks.
    unsafe { command.pre_exec(leave) };
}

/// What ties a child to us: on Unix, it was done before it started.
pub fn tie(_child: &Child) {}

/// Passes on a request to stop.
pub fn forward(child: &Child, signal: Signal) -> io::Result<()> {
    send(child.id(), if signal == Signal::Interrupt { SIGINT } else { SIGTERM })
}

/// Kills a child and all of its process group.
pub fn kill_tree(child: &mut Child) {
    let _ = kill(child.id());
    let _ = child.kill();
}

/// Kills the process group of this leader, whether a child of ours or not.
pub fn kill(group: u32) -> io::Result<()> {
    signal_to(-pid_t::try_from(group).map_err(io::Error::other)?, SIGKILL)
}

/// Asks a process that is no child of ours to stop.
pub fn ask_to_stop(pid: u32, _group: u32) -> io::Result<()> {
    send(pid, SIGTERM)
}

fn send(pid: u32, signal: c_int) -> io::Result<()> {
    signal_to(pid_t::try_from(pid).map_err(io::Error::other)?, signal)
}

fn signal_to(pid: pid_t, signal: c_int) -> io::Result<()> {
    // 0 and -1 mean "my group" and "everybody"; a damaged pid file must not get that far.
    if matches!(pid, -1..=1) {
        return Err(io::Error::other(format!("{pid} is no process of ours")));
    }
    // SAFETY: no memory is involved.
    if unsafe { libc::kill(pid, signal) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// As process 1 we inherit every orphan of the container, and must bury them; our own child is left to its `Child`.
pub fn reap_orphans(child: &Child) {
    if std::process::id() != 1 {
        return;
    }
    loop {
        // SAFETY: siginfo_t is plain data, filled by the call; WNOWAIT leaves the dead where they are.
        let dead = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
            if libc::waitid(libc::P_ALL, 0, &mut info, flags) == 0 { info.si_pid() } else { 0 }
        };
        if dead == 0 || dead as u32 == child.id() {
            return;
        }
        // SAFETY: a null status is allowed.
        unsafe { libc::waitpid(dead, std::ptr::null_mut(), libc::WNOHANG) };
    }
}

/// When a process was born, in a spelling of the system's own: equal only for the very same process, so that a number
/// used again is not mistaken for it. None when it is gone or only waits to be buried.
pub fn birth(pid: u32) -> Option<String> {
    let number = pid_t::try_from(pid).ok().filter(|&n| n > 0)?;
    // SAFETY: signal 0 is never delivered.
    let gone = unsafe { libc::kill(number, 0) } != 0 && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH);
    if gone {
        return None;
    }
    let (state, born) = if cfg!(target_os = "linux") { proc_birth(pid) } else { ps_birth(pid) }.unwrap_or_default();
    if state.starts_with('Z') { None } else { Some(born) }
}

fn proc_birth(pid: u32) -> Option<(String, String)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, and may itself hold brackets and spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    Some((fields.next()?.to_string(), fields.nth(18)?.to_string()))
}

fn ps_birth(pid: u32) -> Option<(String, String)> {
    let mut ps = Command::new("/bin/ps");
    ps.args(["-o", "stat=,lstart=", "-p", &pid.to_string()]).env("LC_ALL", "C").env("TZ", "UTC");
    let text = String::from_utf8(ps.output().ok()?.stdout).ok()?;
    let (state, born) = text.trim().split_once(' ')?;
    Some((state.to_string(), born.trim().to_string()))
}

/// Whether a process is this child, or one that it has started: then they share a process group.
pub fn belongs(pid: u32, child: &Child) -> bool {
    // SAFETY: no memory is involved.
    pid == child.id() || pid_t::try_from(pid).is_ok_and(|pid| unsafe { libc::getpgid(pid) } as u32 == child.id())
}

/// Takes a lock that ends with this process. None when somebody else has it.
pub fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    // SAFETY: the descriptor is open for as long as the call takes.
    if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
        return Ok(Some(file));
    }
    let error = io::Error::last_os_error();
    if error.kind() == io::ErrorKind::WouldBlock { Ok(None) } else { Err(error) }
}

/// Creates a folder that is this user's alone, and those above it.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether a process that was asked to stop ended as one should.
pub fn orderly(status: ExitStatus) -> bool {
    matches!(status.code(), Some(0 | 143)) || status.signal() == Some(SIGTERM)
}

/// The exit code that stands for this end, as a shell would have it.
pub fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(1)
}

/// How a process ended, for people.
pub fn describe(status: ExitStatus) -> String {
    match status.signal() {
        Some(SIGKILL) => "it was killed (signal 9); if nobody did, the machine ran out of memory".into(),
        Some(signal) => format!("it was ended by signal {signal}"),
        None => format!("it ended with exit code {}", status.code().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_birth_of_a_process_tells_it_from_others() {
        let mut child = Command::new("sleep").arg("60").spawn().expect("starting sleep");
        let born = birth(child.id());
        assert!(born.is_some());
        assert_eq!(born, birth(child.id()));
        kill_tree(&mut child);
        // Dead but not buried counts as gone.
        for _ in 0..200 {
            if birth(child.id()).is_none() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(birth(child.id()), None);
        let _ = child.wait();
    }

    #[test]
    fn numbers_that_mean_everybody_are_refused() {
        for pid in [-1, 0, 1] {
            assert!(signal_to(pid, 0).is_err(), "{pid}");
        }
    }

    #[test]
    fn a_lock_is_had_by_one() {
        let path = std::env::temp_dir().join(format!("noetl lock {}", std::process::id()));
        let first = lock(&path).expect("locking");
        assert!(first.is_some());
        assert!(lock(&path).expect("asking").is_none());
        drop(first);
        assert!(lock(&path).expect("locking again").is_some());
        let _ = fs::remove_file(path);
    }

    #[test]
    fn ends_are_told_apart() {
        for (raw, orderly_, code) in
            [(0, true, 0), (15, true, 143), (143 << 8, true, 143), (9, false, 137), (3 << 8, false, 3)]
        {
            let status = ExitStatus::from_raw(raw);
            assert_eq!((orderly(status), code_of(status)), (orderly_, code), "{raw}");
        }
    }
}
