//! The switch of degraded mode, in people's hands.

use crate::Error;
use bubuh_core::sales::Switch;
use bubuh_store::{Ambient, Table};

const MINUTE_MS: u64 = 60_000;

/// What a person needs to stop new orders and to take them again.
#[derive(Clone)]
pub struct Switchboard {
    /// The table.
    pub table: Table,
    /// The clock.
    pub ambient: Ambient,
}

impl Switchboard {
    /// Takes no new orders, for so many minutes or until somebody opens sales; whatever is ordered goes on.
    ///
    /// # Errors
    /// One that is worth a retry when somebody else turned it at the same moment; a rule's for no time at all.
    pub async fn close(&self, minutes: Option<u32>, by: &str) -> Result<Switch, Error> {
        let now_ms = self.ambient.now_ms();
        let ends = |minutes| now_ms.saturating_add(u64::from(minutes).saturating_mul(MINUTE_MS));
        let switch = self.table.sales_switch().await?;
        let writes = switch.close(minutes.map(ends), by, now_ms)?;
        self.table.commit(&writes).await?;
        Ok(self.table.sales_switch().await?)
    }

    /// Takes new orders again.
    ///
    /// # Errors
    /// One that is worth a retry when somebody else turned it at the same moment.
    pub async fn open(&self, by: &str) -> Result<Switch, Error> {
        let switch = self.table.sales_switch().await?;
        self.table.commit(&switch.open(by)?).await?;
        Ok(self.table.sales_switch().await?)
    }
}
