//! A bar that shows how far a run is: on a terminal only.

use std::fmt;
use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::number::grouped;

/// The bar, or nothing to be seen.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar for `paths` paths on standard error; hidden where that is no terminal, or where nobody wants to see it.
    pub(crate) fn new(paths: u32, quiet: bool) -> Self {
        let visible = !quiet && stderr().is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(paths.into()), target);
        let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
            // What cannot be written is not seen.
            let _ = write!(out, "{} paths/s", grouped(state.per_sec(), 0));
        };
        let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} paths, {rate}, {eta} to go");
        if let Ok(style) = style {
            bar.set_style(style.with_key("rate", rate).progress_chars("━╸─"));
        }
        bar.tick();
        Self(bar)
    }

    /// So many more are done. From any thread.
    pub(crate) fn advance(&self, paths: u64) {
        self.0.inc(paths);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
