//! The last lines of a log.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::output::clean;

/// More than this many bytes of a log are never read.
const WINDOW: u64 = 16 << 10;

/// The last lines of a file, at most so many, safe for a terminal. A file that cannot be read has none.
pub fn lines(path: &Path, most: usize) -> Vec<String> {
    let bytes = end_of(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    all[all.len().saturating_sub(most)..].iter().map(|line| clean(line)).collect()
}

fn end_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(WINDOW)))?;
    let mut bytes = Vec::new();
    file.take(WINDOW).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_last_lines_of_a_log_of_any_size() {
        let path = std::env::temp_dir().join(format!("noetl tail {}", std::process::id()));
        let text: String = (0..5000).map(|n| format!("line {n}\r\n\n")).collect();
        std::fs::write(&path, text).expect("writing");
        assert_eq!(lines(&path, 2), ["line 4998", "line 4999"]);
        std::fs::write(&path, "one").expect("writing");
        assert_eq!(lines(&path, 2), ["one"]);
        std::fs::remove_file(&path).expect("removing");
        assert!(lines(&path, 2).is_empty());
    }
}
