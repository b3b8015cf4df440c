//! Many cases on all cores, each in a world, a thread's turn and a paused clock of its own.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::mishap::Mishaps;

/// What came of a case: nothing, or what is wrong.
pub(crate) type Verdict = Result<(), String>;

/// Plays every case: what happened in them, and what went wrong, in the order of the cases. A panic is what is wrong with a
/// case, too.
pub(crate) fn play_all<C: Sync>(
    cases: &[C],
    play: impl Fn(&C) -> Result<Mishaps, String> + Sync,
) -> (Mishaps, Vec<(&C, String)>) {
    let next = AtomicUsize::new(0);
    let outcome = Mutex::new((Mishaps::default(), Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, case)) = take(&next, cases) {
                    let tried = caught(|| play(case));
                    let mut outcome = outcome.lock().expect("nobody panics while holding it");
                    match tried {
                        Ok(mishaps) => outcome.0.add(&mishaps),
                        Err(what) => outcome.1.push((index, what)),
                    }
                }
            });
        }
    });
    let (mishaps, mut wrong) = outcome
        .into_inner()
        .expect("nobody panics while holding it");
    wrong.sort();
    let wrong = wrong.into_iter();
    let wrong = wrong.map(|(index, what)| (&cases[index], what)).collect();
    (mishaps, wrong)
}

/// A panic as what is wrong.
pub(crate) fn caught<T>(play: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|panic| Err(words(panic.as_ref())))
}

fn take<'c, C>(next: &AtomicUsize, cases: &'c [C]) -> Option<(usize, &'c C)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    cases.get(index).map(|case| (index, case))
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("without a word"))
}

/// Runs a case in a clock of its own that stands still while anything happens.
pub(crate) fn in_paused_time<T>(case: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets can always be built")
        .block_on(case)
}
