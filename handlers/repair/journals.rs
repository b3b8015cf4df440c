//! Every journal, held against its markers.

use std::pin::pin;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;

use super::mend::{Finding, Remedy, Repair, why};
use super::pages::{PAGE, pages};
use crate::causes::chain;
use crate::engine::{Engine, EngineError, Implied, Place};
use crate::state::{Found, JournalName, Marker, StoreError};
use crate::ui::Flaw;

/// Journals that are read side by side.
pub(super) const AT_ONCE: usize = 8;

/// What a look at a journal came to.
#[derive(Default)]
struct Looked {
    known: Known,
    findings: Vec<Finding>,
    /// Why it cannot be read, where no open marker says so: a closed one may.
    unmarked: Option<String>,
}

/// What is known of a journal.
#[derive(Default)]
enum Known {
    /// It is not begun, or cannot be read and has no open marker.
    #[default]
    Nothing,
    Implies(Implied),
    /// It may be open, and what it says is not known.
    Unread,
}

impl Repair<'_> {
    pub(super) async fn journals(&mut self) -> Result<(), EngineError> {
        let engine = self.engine;
        let list = |from: Option<String>| async move {
            engine.store.journals.list(from.as_deref(), PAGE).await
        };
        let mut pages = pin!(pages(list));
        while let Some(names) = pages.try_next().await? {
            let looks: Vec<_> = names.into_iter().map(|name| look(engine, name)).collect();
            let mut looks = stream::iter(looks).buffered(AT_ONCE);
            while let Some((name, looked)) = looks.next().await {
                self.tally.journals += 1;
                let looked = looked.unwrap_or_else(|error| unseen(&name, &error));
                match &looked.known {
                    Known::Implies(implied) if implied.place == Place::Open => {
                        self.open.extend(name.as_promotion());
                    }
                    Known::Unread => self.unread.extend(name.as_promotion()),
                    Known::Implies(_) | Known::Nothing => {}
                }
                for finding in looked.findings {
                    self.tell(&name, finding).await;
                }
                self.unmarked.extend(looked.unmarked.map(|why| (name, why)));
            }
        }
        Ok(())
    }
}

async fn look(engine: &Engine, name: JournalName) -> (JournalName, Result<Looked, EngineError>) {
    let looked = look_twice(engine, &name).await;
    (name, looked)
}

/// What is wrong, looked at twice: the app may have been in the middle of its own writes at the first look.
async fn look_twice(engine: &Engine, name: &JournalName) -> Result<Looked, EngineError> {
    let first = compare(engine, name, None).await?;
    if first.findings.is_empty() {
        return Ok(first);
    }
    let implied = match first.known {
        Known::Implies(implied) => Some(implied),
        Known::Nothing | Known::Unread => None,
    };
    compare(engine, name, implied).await
}

/// Markers before the journal, so that a marker that a newer record makes wrong has changed when it is to be replaced.
/// Under which month the closed one lies is known from an earlier look; at the first one it is read last.
async fn compare(
    engine: &Engine,
    name: &JournalName,
    known: Option<Implied>,
) -> Result<Looked, EngineError> {
    let markers = &engine.store.markers;
    let open = markers.open_marker(name).await?;
    let mut closed = None;
    if let Some(known) = &known {
        closed = markers.closed_marker(name, known.marker.since).await?;
    }
    let implied = match engine.implied(name).await {
        Ok(Some(implied)) => implied,
        Ok(None) => return Ok(Looked::default()),
        Err(EngineError::Store(error @ StoreError::Corrupt { .. })) => {
            return Ok(unreadable(open, chain(&error)));
        }
        Err(error) => return Err(error),
    };
    if known.is_none() {
        closed = markers.closed_marker(name, implied.marker.since).await?;
    }
    let announced = |open: &Found| implied.awaits_append(open);
    let findings = match implied.place {
        // Whoever has announced something puts its markers in order, or the app does once that cannot come any more.
        _ if open.as_ref().is_some_and(announced) => vec![],
        Place::Open => open_one(&implied.marker, engine.time().await, open, closed),
        Place::Closed => closed_one(&implied.marker, open, closed),
    };
    Ok(Looked {
        known: Known::Implies(implied),
        findings,
        unmarked: None,
    })
}

/// An open one is due now where its marker is written anew: whoever looks then knows better.
fn open_one(
    implied: &Marker,
    now: Timestamp,
    open: Option<Found>,
    closed: Option<Found>,
) -> Vec<Finding> {
    let due_now = Marker {
        due: now,
        ..implied.clone()
    };
    let mut findings = Vec::new();
    match open {
        None => findings.push(Finding {
            flaw: Flaw::Missing {
                place: "open".to_owned(),
            },
            remedy: Remedy::PutOpen(due_now),
        }),
        Some(found) => {
            if let Some(flaw) = flaw_of_open(implied, &due_now, &found.marker) {
                let idle = found.marker.idle;
                let marker = Marker { idle, ..due_now };
                let remedy = Remedy::ReplaceOpen(found, marker);
                findings.push(Finding { flaw, remedy });
            }
        }
    }
    if let Some(found) = closed {
        let month = implied.month();
        findings.push(Finding {
            flaw: Flaw::WrongPlace {
                place: format!("closed/{month}"),
            },
            remedy: Remedy::DropClosed(month, found),
        });
    }
    findings
}

fn flaw_of_open(implied: &Marker, due_now: &Marker, marker: &Marker) -> Option<Flaw> {
    // What is due is looked at within a minute, and then its marker is written by whoever looks.
    if marker.due <= due_now.due {
        return None;
    }
    if marker.due > implied.due {
        return Some(Flaw::DueTooLate {
            due: marker.due,
            implied: implied.due,
        });
    }
    shows_another(implied, marker)
}

fn closed_one(implied: &Marker, open: Option<Found>, closed: Option<Found>) -> Vec<Finding> {
    if let Some(open) = open {
        return vec![Finding {
            flaw: Flaw::WrongPlace {
                place: "open".to_owned(),
            },
            remedy: Remedy::Close {
                open,
                closed,
                marker: implied.clone(),
            },
        }];
    }
    let Some(found) = closed else {
        return vec![Finding {
            flaw: Flaw::Missing {
                place: format!("closed/{}", implied.month()),
            },
            remedy: Remedy::PutClosed(implied.clone()),
        }];
    };
    let flaw = shows_another(implied, &found.marker);
    let finding = flaw.map(|flaw| Finding {
        flaw,
        remedy: Remedy::ReplaceClosed(found, implied.clone()),
    });
    finding.into_iter().collect()
}

fn shows_another(implied: &Marker, marker: &Marker) -> Option<Flaw> {
    let stored = implied.as_stored();
    if (&stored.summary, stored.since) == (&marker.summary, marker.since) {
        return None;
    }
    let shown = |marker: &Marker| {
        let summary = &marker.summary;
        // Whatever a marker is made of, its journal's stage has a name.
        if summary.stage.is_empty() {
            return String::new();
        }
        let since = match marker.since.as_second() {
            0 => "a time that cannot be read".to_owned(),
            _ => marker.since.to_string(),
        };
        let (model, version) = (written(&summary.model), written(&summary.version));
        format!(
            "{model} {version} on {}, {} since {since}: {}",
            written(&summary.route),
            summary.stage,
            written(&summary.waits_for)
        )
    };
    Some(Flaw::ShowsAnother {
        shown: shown(marker),
        is: shown(&stored),
    })
}

fn written(text: &str) -> &str {
    match text {
        "" => "(nothing)",
        text => text,
    }
}

/// One that the service did not give us keeps nobody from the others.
fn unseen(name: &JournalName, error: &EngineError) -> Looked {
    let why = match error {
        EngineError::Store(error) => why(name.as_str(), error),
        EngineError::Unknown(_) | EngineError::Contended(_) => chain(error),
    };
    let finding = Finding {
        flaw: Flaw::Unseen { why },
        remedy: Remedy::None,
    };
    Looked {
        known: Known::Unread,
        findings: vec![finding],
        unmarked: None,
    }
}

/// It is left alone; that its marker says so is all that can be done.
fn unreadable(open: Option<Found>, why: String) -> Looked {
    let remedy = match open {
        Some(found) if found.marker.summary.stage == "unreadable" => Remedy::None,
        Some(found) => Remedy::MarkUnreadable(Some(found), why.clone()),
        None => {
            return Looked {
                unmarked: Some(why),
                ..Looked::default()
            };
        }
    };
    let flaw = Flaw::Unreadable { why };
    Looked {
        known: Known::Unread,
        findings: vec![Finding { flaw, remedy }],
        unmarked: None,
    }
}
