//! Many cases on all cores, each in a world, a thread's turn and a paused clock of its own.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What came of a case: nothing, or what is wrong.
pub(crate) type Verdict = Result<(), String>;

/// Plays every case; what went wrong, in the order of the cases. A panic is what is wrong with a case, too.
pub(crate) fn play_all<C: Sync>(
    cases: &[C],
    play: impl Fn(&C) -> Verdict + Sync,
) -> Vec<(&C, String)> {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, case)) = take(&next, cases) {
                    let verdict = catch_unwind(AssertUnwindSafe(|| play(case)))
                        .unwrap_or_else(|panic| Err(words(panic.as_ref())));
                    if let Err(what) = verdict {
                        wrong
                            .lock()
                            .expect("nobody panics while holding it")
                            .push((index, what));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("nobody panics while holding it");
    wrong.sort();
    wrong
        .into_iter()
        .map(|(index, what)| (&cases[index], what))
        .collect()
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
