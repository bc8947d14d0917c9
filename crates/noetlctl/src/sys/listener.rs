//! Which program listens on a port, where the system tells without a tool.

/// The process that listens on this TCP port and its name, as far as we may see it.
#[cfg(not(target_os = "linux"))]
pub fn listener(_port: u16) -> Option<(u32, String)> {
    None
}

/// The process that listens on this TCP port and its name, as far as we may see it.
#[cfg(target_os = "linux")]
pub fn listener(port: u16) -> Option<(u32, String)> {
    use std::fs;

    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if sockets.is_empty() {
        return None;
    }
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // Other users' descriptors are not ours to read.
        let Ok(descriptors) = fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let mut links = descriptors.flatten().filter_map(|fd| fs::read_link(fd.path()).ok());
        if links.any(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str())) {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some((pid, crate::output::clean(name.trim())));
        }
    }
    None
}

/// The inodes of the sockets that listen on this port, out of a table like /proc/net/tcp.
#[cfg(target_os = "linux")]
fn inodes(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let local = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .map(|line| line.split_ascii_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.len() > 9 && fields[3] == LISTEN && fields[1].ends_with(&local))
        .map(|fields| fields[9].to_string())
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn finds_this_very_process() {
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("binding");
        let port = socket.local_addr().expect("its address").port();
        assert_eq!(listener(port).map(|(pid, _)| pid), Some(std::process::id()));
    }

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        let table = "  sl  local_address rem_address   st tx rx tr tm retrnsmt uid timeout inode\n\
            0: 0100007F:1F92 00000000:0000 0A 0:0 00:0 0 0 0 4711 1\n\
            1: 0100007F:1F92 0100007F:9999 01 0:0 00:0 0 0 0 4712 1\n\
            2: 0100007F:1F93 00000000:0000 0A 0:0 00:0 0 0 0 4713 1\n";
        assert_eq!(inodes(table, 8082), ["4711"]);
    }
}
