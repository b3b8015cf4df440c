//! The load bench works, on little: it counts what it measures, and fails where something is lost or doubled.

use local::bench::{self, Sizes};

#[tokio::test(flavor = "multi_thread")]
async fn the_load_bench_works_on_little() {
    let program = std::env::current_exe().unwrap();
    let built = program.parent().unwrap().parent().unwrap();
    let handler = xtask::handler(built).unwrap();
    bench::run(&handler, &Sizes::quick()).await.unwrap();
}
