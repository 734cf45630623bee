//! How old what somebody knows is: `"2 blocks"`, or a duration.

use std::fmt;

use cenote_units::SimDuration;
use serde::{Serialize, Serializer};

use crate::problem::Checked;
use crate::reader::Item;

/// How old the outside price is that somebody acts on: that of the latest block which is at least so old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatencySpec {
    /// `"2 blocks"`
    Blocks(u32),
    /// `"24s"`
    Time(SimDuration),
}

const EXPECTED: &str = "blocks or a duration, such as \"2 blocks\" or \"24s\"";

impl LatencySpec {
    /// What happens is known at once.
    pub const NONE: Self = Self::Time(SimDuration::ZERO);

    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let text: String = item.read().map_err(|_| item.unexpected(EXPECTED))?;
        if let Some(number) = text.strip_suffix("blocks").or_else(|| text.strip_suffix("block")) {
            let blocks = number.trim_end().replace('_', "").parse().map_err(|_| item.unexpected(EXPECTED))?;
            return Ok(Self::Blocks(blocks));
        }
        text.parse().map(Self::Time).map_err(|_| item.unexpected(EXPECTED))
    }
}

impl fmt::Display for LatencySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocks(1) => f.write_str("1 block"),
            Self::Blocks(blocks) => write!(f, "{blocks} blocks"),
            Self::Time(time) => time.fmt(f),
        }
    }
}

impl Serialize for LatencySpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
