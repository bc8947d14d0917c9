use super::*;

/// A folder of this test's own, with these empty files in it. Its name has a space and letters beyond ASCII.
fn tree(name: &str, files: &[&str]) -> PathBuf {
    let root = env::temp_dir().join(format!("noetl prüf {name} {}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    for file in files {
        let file = root.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("making a folder");
        fs::write(file, "").expect("writing a file");
    }
    root
}

fn programs(root: &Path, places: &Places) -> Vec<String> {
    all(places)
        .iter()
        .map(|c| c.program.strip_prefix(root).unwrap_or(&c.program).to_string_lossy().replace('\\', "/"))
        .collect()
}

#[test]
fn the_projects_environment_comes_before_path() {
    let files = ["p/.venv/bin/python", "p/a/b/x", "usr/python3", "usr/python", "q/.venv/bin/python", "q/bin/noetl"];
    let root = tree("order", &files);
    let places = Places {
        cwd: Some(root.join("p/a/b")),
        exe: vec![root.join("q/bin")],
        path: vec![PathBuf::from("relative"), root.join("usr")],
        windows: false,
    };
    let want = ["p/.venv/bin/python", "q/.venv/bin/python", "usr/python3", "usr/python"];
    assert_eq!(programs(&root, &places), want);
    let _ = fs::remove_dir_all(root);
}

#[test]
fn an_environment_that_holds_this_program_is_found_without_a_folder_named_venv() {
    let root = tree("opt", &["opt/pyvenv.cfg", "opt/lib/python3.13/site-packages/noetl/bin/noetl"]);
    let places = Places { exe: vec![root.join("opt/lib/python3.13/site-packages/noetl/bin")], ..Default::default() };
    assert_eq!(programs(&root, &places), ["opt/bin/python"]);
    let _ = fs::remove_dir_all(root);
}

#[test]
fn windows_has_other_names_and_a_launcher() {
    let root = tree("win", &["p/.venv/Scripts/python.exe", "w/python.exe", "w/py.exe"]);
    let places = Places { cwd: Some(root.join("p")), path: vec![root.join("w")], windows: true, ..Default::default() };
    assert_eq!(programs(&root, &places), ["p/.venv/Scripts/python.exe", "w/python.exe", "w/py.exe"]);
    assert_eq!(all(&places)[2].args, ["-3"]);
    let _ = fs::remove_dir_all(root);
}

#[test]
fn a_missing_environment_is_still_named_once() {
    let root = tree("none", &["p/x"]);
    let places = Places { cwd: Some(root.join("p")), ..Default::default() };
    assert_eq!(programs(&root, &places), ["p/.venv/bin/python"]);
    let _ = fs::remove_dir_all(root);
}

#[test]
fn a_name_is_looked_up_on_path_and_a_path_is_not() {
    let root = tree("named", &["usr/python3.12"]);
    let places = Places { path: vec![root.join("usr")], ..Default::default() };
    let named = |value: &OsStr| named(value, "--python", &places).map(|c| c.program);
    assert_eq!(named(OsStr::new("python3.12")), Some(root.join("usr/python3.12")));
    assert_eq!(named(OsStr::new("python3.99")), None);
    assert_eq!(named(root.join("usr/python3.12").as_os_str()), Some(root.join("usr/python3.12")));
    assert_eq!(named(root.join("usr/python3").as_os_str()), None);
    let _ = fs::remove_dir_all(root);
}
