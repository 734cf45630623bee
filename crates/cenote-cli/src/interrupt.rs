//! Ctrl-C: stop soon, leave nothing behind.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;

/// Exit status after an interrupt: 128 and the number of the signal, as shells have it.
pub(crate) const STATUS: u8 = 130;

/// A flag which the first Ctrl-C (or a signal to terminate) sets. The second ends the process at once.
pub(crate) fn flag() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            process::exit(STATUS.into());
        }
    })
    .map_err(|error| anyhow!("cannot listen for Ctrl-C: {error}"))?;
    Ok(flag)
}
