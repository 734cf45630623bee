//! Ctrl-C: out at once, with nothing left behind.
#![cfg(unix)]

use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Folder;

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Start something long, send it a signal when `ready` says so, and look at what is left.
#[expect(clippy::disallowed_methods, reason = "how long a process takes is what a clock on the wall is for")]
fn interrupted(words: &str, name: &str, ready: impl Fn(&Folder) -> bool) {
    let folder = Folder::new();
    let mut child = folder.command(&words.split_whitespace().collect::<Vec<_>>()).spawn().unwrap();
    while !ready(&folder) {
        assert!(child.try_wait().unwrap().is_none(), "{words} is over too soon");
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(500));
    let sent = Instant::now();
    signal(&child, name);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), stderr.as_str()), (Some(130), "interrupted: nothing was written\n"), "{words}");
    assert!(output.stdout.is_empty());
    assert!(sent.elapsed() < Duration::from_secs(10), "it took {:?} to stop", sent.elapsed());
    assert_eq!(folder.names(), [""; 0], "{words}");
}

#[test]
fn a_run_stops() {
    interrupted("run --paths 1_000_000 --json out.json --csv out.csv", "-INT", |_| true);
    interrupted("run --paths 1_000_000 --threads 2 --json out.json", "-TERM", |_| true);
}

#[test]
fn a_replay_stops_in_the_middle_of_its_events() {
    let words = "replay --path 0 --events out.jsonl --set chains.ethereum.block_time=1s";
    interrupted(words, "-INT", |folder| !folder.names().is_empty());
}

#[test]
fn a_file_being_written_is_given_up() {
    // Short paths, many of them: the file takes longer than the run.
    let words = "run --paths 2_000_000 --set study.horizon=1h --csv out.csv";
    interrupted(words, "-INT", |folder| {
        folder.names().iter().any(|name| std::fs::metadata(folder.file(name)).is_ok_and(|file| file.len() > 1_000_000))
    });
}
