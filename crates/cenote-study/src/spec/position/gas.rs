//! What a position's own transactions burn.

use serde::Serialize;

use crate::problem::Checked;
use crate::reader::{Item, Key};

macro_rules! gas_units {
    ($($action:ident $definition:literal,)*) => {
        /// Gas units of each action of a position; what is not given is 0.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
        pub struct GasUnits {
            $(#[doc = $definition] pub $action: u64,)*
        }

        const KEYS: &[Key] = &[$(Key::new(stringify!($action), "150_000")),*];

        impl GasUnits {
            pub(in crate::spec) fn read(item: &Item<'_>) -> Checked<Self> {
                let fields = item.table()?.fields(&[KEYS])?;
                Ok(Self { $($action: fields.or(stringify!($action), 0)?,)* })
            }
        }
    };
}

gas_units! {
    mint "Adding liquidity to a pool.",
    burn "Taking liquidity from a pool.",
    collect "Collecting owed fees.",
    swap "Swapping in a pool.",
    deposit "Depositing in a farm, a market or a vault.",
    claim "Claiming rewards.",
    withdraw "Withdrawing from a farm, a market or a vault.",
    approve "Approving a token.",
    bridge "Sending over a bridge.",
}
