//! The sweep function: called every minute, it looks at everything that is due, again and again until its minute is
//! over. Beside that it looks at how far the queue's lanes have come, and tells webhooks what happened, however long a
//! pass takes.

use bubuh_gateway::{Gateway, Transport};
use bubuh_steps::{Courier, Error, Sweep, Watch, sweep::Swept};
use bubuh_store::{Ambient, issuer::Mint};
use std::time::Duration;

/// Between two passes, and between two looks at the lanes: schedules have a granularity of a minute, a lost message
/// should not.
pub const PAUSE: Duration = Duration::from_secs(5);

/// Passes, looks and tells until `for_ms` have gone by; at least one of each.
///
/// # Errors
/// When the last pass could look at nothing.
pub async fn minute<G: Gateway, M: Mint, T: Transport>(
    sweep: &Sweep<G, M>,
    watch: &Watch,
    courier: &Courier<T>,
    for_ms: u64,
) -> Result<Swept, Error> {
    let ambient = &sweep.sales.ambient;
    let until_ms = ambient.now_ms().saturating_add(for_ms);
    let (swept, (), ()) = futures::join!(
        passes(sweep, until_ms),
        looks(watch, until_ms),
        tells(courier, until_ms)
    );
    swept
}

async fn passes<G: Gateway, M: Mint>(sweep: &Sweep<G, M>, until_ms: u64) -> Result<Swept, Error> {
    loop {
        let swept = sweep.pass().await;
        if let Ok(swept) = &swept
            && *swept != Swept::default()
        {
            tracing::info!(?swept, "swept");
        }
        if !goes_on(&sweep.sales.ambient, until_ms).await {
            return swept;
        }
    }
}

async fn looks(watch: &Watch, until_ms: u64) {
    loop {
        // The next look makes up for one that failed; until then people are told what was known.
        if let Err(error) = watch.look().await {
            tracing::warn!(%error, "the lanes were not seen");
        }
        if !goes_on(&watch.ambient, until_ms).await {
            return;
        }
    }
}

async fn tells<T: Transport>(courier: &Courier<T>, until_ms: u64) {
    loop {
        // Events stay due, and the next pass finds them.
        match courier.pass().await {
            Ok(carried) if carried.looked_at > 0 => tracing::info!(?carried, "told"),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "nothing was told"),
        }
        if !goes_on(&courier.ambient, until_ms).await {
            return;
        }
    }
}

/// Pauses, unless the minute would be over then.
async fn goes_on(ambient: &Ambient, until_ms: u64) -> bool {
    let pause_ms = u64::try_from(PAUSE.as_millis()).unwrap_or(u64::MAX);
    if ambient.now_ms().saturating_add(pause_ms) >= until_ms {
        return false;
    }
    tokio::time::sleep(PAUSE).await;
    true
}
