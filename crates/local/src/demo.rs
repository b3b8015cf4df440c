//! The demo for a newcomer: it says where to look and what to do, then tells what happens until Ctrl-C.

use cloud_sim::Timings;
use jiff::SignedDuration;
use std::path::Path;
use std::time::Duration;

use crate::person::Persona;
use crate::print::Printer;
use crate::settings_file::SettingsFile;
use crate::watch::Watch;
use crate::world::environment;
use crate::{App, Ports, World, WorldOptions};

/// Where the board listens unless told otherwise; the cloud listens on the next port.
pub const PORT: u16 = 7071;

/// Seconds of the cloud's time a second: a pause of ten minutes takes ten seconds.
const RATE: f64 = 60.0;

/// How often is looked for news.
const LOOK: Duration = Duration::from_millis(200);

/// How whoever tries it answers a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cards {
    /// A link leads to a page, and that asks who one is.
    Links,
    /// The card has buttons, and the channel knows who presses them.
    Buttons,
}

/// Starts everything and tells what happens, until it is dropped.
pub async fn run(app: &App, port: u16, cards: Cards) -> anyhow::Result<()> {
    println!("demo: starting the simulated Azure and the Functions host");
    let options = WorldOptions {
        ports: Ports::From(port),
        rate: RATE,
        timings: Timings {
            deployment: SignedDuration::from_mins(5),
            ..Timings::default()
        },
    };
    let world = World::start(app, &options).await?;
    let settings = environment(&world.cloud, port);
    let file = SettingsFile::write(
        &xtask::repository()?,
        port,
        &settings,
        app.folder(),
        world.cloud.url(),
    )?;
    welcome(&world, file.shown(), cards);
    narrate(&world).await
}

fn welcome(world: &World, settings: &Path, cards: Cards) {
    let cloud = world.cloud.url();
    println!();
    println!("  channel  {cloud}/teams/");
    println!("  board    {}api/board/", world.app_url);
    println!("  cloud    {cloud}/");
    println!();
    println!("  1. On the cloud's page press \"Register the better model\".");
    match cards {
        Cards::Links => {
            println!("  2. In the channel open the card that asks for an approval.");
            println!("  3. Sign in as Ada Approver, and approve.");
        }
        Cards::Buttons => {
            println!(
                "  2. In the channel be Ada Approver: \"You are\" says who presses a button there."
            );
            println!(
                "  3. Press Approve on the card that asks for an approval; its links open the page, where you sign in."
            );
        }
    }
    println!(
        "  4. Watch the board: copy, registration, deployment, smoke test, 10 % of the traffic, then all of it."
    );
    println!(
        "  5. The cloud's page shows what the old and the new model predict, and buttons to break things."
    );
    println!(
        "  6. To go again, roll back on the promotion's page, then lift the hold on the board: a model does not beat itself."
    );
    println!();
    println!(
        "  Command line, in another shell: source {}; then `liftlock_as ada status` asks the app as Ada (or tina, ben, cleo, sam),",
        settings.display()
    );
    println!(
        "  and `liftlock repair --dry-run` or `liftlock audit export <promotion>` work on its storage."
    );
    println!(
        "  Time runs {RATE} times faster here: a pause of 10 minutes takes 10 seconds. Ctrl-C ends the demo."
    );
    println!();
}

async fn narrate(world: &World) -> anyhow::Result<()> {
    // Whoever is signed in may read, whatever their roles.
    let (printer, browser) = (Printer::new(None), world.signed_in(Persona::Sam).await?);
    let mut watch = Watch::default();
    let (mut kills, mut hosts) = (0, 0);
    loop {
        for line in watch.news(world, &browser).await {
            printer.say(&line);
        }
        if world.platform.kills() > kills {
            kills = world.platform.kills();
            printer.say("the handler was killed; the host starts it again");
        }
        if world.platform.new_hosts() > hosts {
            hosts = world.platform.new_hosts();
            printer.say("that was the third crash: the host stopped itself, and the platform has started a new one");
        }
        tokio::time::sleep(LOOK).await;
    }
}
