//! The load bench: what the handler does under many events, many promotions, and many open ones in a sweep.
//!
//! **Invariant:** it counts before it measures: a figure is printed only where nothing was lost and nothing doubled. The
//! simulated cloud is part of this program and shares the machine with the handler, so beside each figure stands what the
//! cloud alone does. Start at [`run`].

mod app;
mod bare;
mod burst;
mod events;
mod memory;
mod promotions;
mod sizes;
mod store_alone;
mod sweep;

use std::path::Path;
use std::time::Instant;

pub use sizes::Sizes;

use memory::Memory;

/// Measures everything and prints it. An error says what was lost or doubled.
pub async fn run(handler: &Path, sizes: &Sizes) -> anyhow::Result<()> {
    let began = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("bench: load, on {cores} cores that handler and simulated cloud share");
    let app = app::stage(handler, 1)?;
    events::measure(&app, sizes).await?;
    burst::measure(&app, sizes).await?;
    sweep::measure(&app, sizes).await?;
    promotions::measure(&app::stage(handler, sizes.promotions)?, sizes).await?;
    println!(
        "bench: load measured in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// For averages; nothing here is counted beyond that.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn title(text: &str) {
    println!();
    println!("bench: {text}");
}
