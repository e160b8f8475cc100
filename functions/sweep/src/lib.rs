//! The sweep function: called every minute, it looks at everything that is due, again and again
//! until its minute is over.

use bubuh_gateway::Gateway;
use bubuh_steps::{Error, Sweep, sweep::Swept};
use bubuh_store::issuer::Mint;
use std::time::Duration;

/// Between two passes: schedules have a granularity of a minute, a lost message should not.
pub const PAUSE: Duration = Duration::from_secs(5);

/// Passes until `for_ms` have gone by; at least one.
///
/// # Errors
/// When the last pass could look at nothing.
pub async fn minute<G: Gateway, M: Mint>(sweep: &Sweep<G, M>, for_ms: u64) -> Result<Swept, Error> {
    let ambient = &sweep.sales.ambient;
    let until_ms = ambient.now_ms().saturating_add(for_ms);
    loop {
        let swept = sweep.pass().await;
        if let Ok(swept) = &swept
            && *swept != Swept::default()
        {
            tracing::info!(?swept, "swept");
        }
        let pause_ms = u64::try_from(PAUSE.as_millis()).unwrap_or(u64::MAX);
        if ambient.now_ms().saturating_add(pause_ms) >= until_ms {
            return swept;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
