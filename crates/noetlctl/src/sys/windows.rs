//! Windows.
#![allow(unsafe_code)]

use std::fs::{self, File, OpenOptions};
use std::io;
use std::mem::size_of;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::ptr::null;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    FILETIME, HANDLE_FLAG_INHERIT, STATUS_CONTROL_C_EXIT, SetHandleInformation, WAIT_OBJECT_0,
};
use windows_sys::Win32::System::Console::{
    AttachConsole, CTRL_BREAK_EVENT, CTRL_C_EVENT, FreeConsole, GenerateConsoleCtrlEvent, GetStdHandle,
    STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetConsoleCtrlHandler,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION,
    PROCESS_SYNCHRONIZE, PROCESS_TERMINATE, TerminateProcess, WaitForSingleObject,
};
use windows_sys::core::BOOL;

use super::{Event, Events, Signal};

/// How often to look at a child: nothing tells us when it ends.
pub const TICK: Duration = Duration::from_millis(200);

/// Where the console's own thread puts what it is told.
static SENDER: OnceLock<Sender<Event>> = OnceLock::new();

/// Starts to catch Ctrl-C, Ctrl-Break and the closing of the console.
pub fn events() -> io::Result<Events> {
    let (sender, receiver) = channel();
    let _ = SENDER.set(sender.clone());
    // SAFETY: the handler is a plain function that lives as long as the program.
    check(unsafe { SetConsoleCtrlHandler(Some(on_console_event), 1) })?;
    Ok(Events { receiver, _sender: sender })
}

unsafe extern "system" fn on_console_event(event: u32) -> BOOL {
    let interactive = event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
    if let Some(sender) = SENDER.get() {
        let _ = sender.send(Event::Stop(if interactive { Signal::Interrupt } else { Signal::Terminate }));
    }
    if !interactive {
        // When the console closes, Windows ends us as soon as this returns: give the server its time.
        std::thread::sleep(Duration::from_secs(10));
    }
    1
}

/// Prepares a child that ends with us: a process group of its own, so that Ctrl-C reaches it once, through us.
pub fn foreground(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

/// Prepares a child that outlives us and the terminal. A console without a window rather than DETACHED_PROCESS: Python
/// environments start Python through a launcher, and the child of a process with no console at all opens a window. It
/// also lets `server stop` ask politely, over that console.
pub fn detached(command: &mut Command) {
    for handle in [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
        // SAFETY: a handle of ours; without this the server would hold open the pipe of whoever waits for our output.
        unsafe { SetHandleInformation(GetStdHandle(handle), HANDLE_FLAG_INHERIT, 0) };
    }
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

/// Ties a child to us by a job that Windows ends when we are gone, however that happened.
pub fn tie(child: &Child) {
    // SAFETY: the structure is plain data of the size given; the job's handle is left open on purpose until we end.
    unsafe {
        let job = CreateJobObjectW(null(), null());
        if job.is_null() {
            return;
        }
        let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = std::mem::zeroed();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        let size = size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32;
        let kind = JobObjectExtendedLimitInformation;
        if SetInformationJobObject(job, kind, std::ptr::from_ref(&limits).cast(), size) != 0 {
            AssignProcessToJobObject(job, child.as_raw_handle());
        }
    }
}

/// Passes on a request to stop. A new process group does not get Ctrl-C, but it does get Ctrl-Break.
pub fn forward(child: &Child, _signal: Signal) -> io::Result<()> {
    // SAFETY: no memory is involved.
    check(unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, child.id()) })
}

/// Kills a child. What it started ends with the job of `tie`, or with the launcher's own.
pub fn kill_tree(child: &mut Child) {
    let _ = child.kill();
}

/// Kills a process that is no child of ours.
pub fn kill(pid: u32) -> io::Result<()> {
    let process = open(pid, PROCESS_TERMINATE)?;
    // SAFETY: the handle is open.
    check(unsafe { TerminateProcess(process.as_raw_handle(), 1) })
}

/// Asks a process that is no child of ours to stop. That takes joining its console, and so leaving ours: a second
/// instance of this program does it.
pub fn ask_to_stop(pid: u32, group: u32) -> io::Result<()> {
    let mut helper = Command::new(std::env::current_exe()?);
    helper.args([CTRL_BREAK, &pid.to_string(), &group.to_string()]).creation_flags(CREATE_NO_WINDOW);
    helper.stderr(Stdio::null()); // that it could not is no news for people: the server is killed then
    if helper.status()?.success() { Ok(()) } else { Err(io::Error::other("its console cannot be reached")) }
}

/// What the second instance is told by. It is no command of clap's, so that neither help nor completion scripts offer it.
const CTRL_BREAK: &str = "__ctrl-break";

/// Does the work of the second instance; None in every other.
pub fn helper() -> Option<io::Result<()>> {
    let mut args = std::env::args_os().skip(1);
    if args.next()? != CTRL_BREAK {
        return None;
    }
    let mut number = || args.next()?.to_str()?.parse().ok();
    let (pid, group) = (number()?, number()?);
    Some(ctrl_break(pid, group))
}

/// Sends Ctrl-Break to a process group on the console of this process. Gives up our own console for it.
fn ctrl_break(pid: u32, group: u32) -> io::Result<()> {
    // SAFETY: no memory is involved.
    unsafe {
        FreeConsole();
        check(AttachConsole(pid))?;
        check(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, group))
    }
}

/// Nothing to bury here.
pub fn reap_orphans(_child: &Child) {}

/// When a process was born, in hexadecimal digits that sort by time: equal only for the very same process. None when it is gone.
pub fn birth(pid: u32) -> Option<String> {
    let process = open(pid, PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE).ok()?;
    let mut times = [FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 }; 4];
    let [born, exited, kernel, user] = &mut times;
    // SAFETY: the handle is open, and the four times outlive the call.
    unsafe {
        if WaitForSingleObject(process.as_raw_handle(), 0) == WAIT_OBJECT_0 {
            return None;
        }
        check(GetProcessTimes(process.as_raw_handle(), born, exited, kernel, user)).ok()?;
    }
    Some(format!("{:08x}{:08x}", times[0].dwHighDateTime, times[0].dwLowDateTime))
}

fn open(pid: u32, access: u32) -> io::Result<OwnedHandle> {
    // SAFETY: a handle that is not null is ours to own and close.
    unsafe {
        let handle = OpenProcess(access, 0, pid);
        if handle.is_null() { Err(io::Error::last_os_error()) } else { Ok(OwnedHandle::from_raw_handle(handle)) }
    }
}

/// Whether a process may be this child, or one that it has started: then it is not older.
pub fn belongs(pid: u32, child: &Child) -> bool {
    pid == child.id() || birth(pid) >= birth(child.id())
}

/// Takes a lock that ends with this process. None when somebody else has it.
pub fn lock(path: &Path) -> io::Result<Option<File>> {
    const SHARING_VIOLATION: i32 = 32;
    match OpenOptions::new().write(true).create(true).truncate(false).share_mode(0).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Creates a folder and those above it; the user's own profile is private already.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Whether a process that was asked to stop ended as one should.
pub fn orderly(status: ExitStatus) -> bool {
    matches!(status.code(), Some(0 | STATUS_CONTROL_C_EXIT))
}

/// The exit code that stands for this end.
pub fn code_of(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// How a process ended, for people.
pub fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(code) if code < 0 => format!("it ended with status {code:#010x}"),
        code => format!("it ended with exit code {}", code.unwrap_or_default()),
    }
}

fn check(done: BOOL) -> io::Result<()> {
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
