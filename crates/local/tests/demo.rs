//! The demo for a newcomer, in a shell that holds the settings of another one.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

/// Ended with the test, however that ends.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn two_free_ports() -> std::io::Result<u16> {
    let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    loop {
        let first = free(0)?;
        let port = first.local_addr()?.port();
        if port.checked_add(1).is_some_and(|next| free(next).is_ok()) {
            return Ok(port);
        }
    }
}

#[test]
fn a_demo_goes_by_its_own_settings_and_takes_their_file_with_it() {
    let port = two_free_ports().unwrap();
    let file = format!("target/demo/demo-{port}.env");
    let file = xtask::repository().unwrap().join(file);
    let demo = Command::new(env!("CARGO_BIN_EXE_liftlock-local"))
        .args(["demo", "--port", &port.to_string()])
        .env("LIFTLOCK_CONFIG", "/nowhere/liftlock.yaml")
        .env("LIFTLOCK_CLIENT_ID", "another")
        .env("ServiceBus__fullyQualifiedNamespace", "nowhere.example")
        .env("WEBSITE_INSTANCE_ID", "another")
        .stdout(Stdio::piped())
        .spawn();
    let mut demo = Demo(demo.unwrap());
    let mut lines = BufReader::new(demo.0.stdout.take().unwrap()).lines();
    assert!(
        lines.any(|line| line.unwrap().contains("Ctrl-C ends the demo")),
        "it has begun"
    );
    let settings = std::fs::read_to_string(&file).unwrap();
    assert!(settings.contains(&format!("LIFTLOCK_PUBLIC_URL='http://127.0.0.1:{port}'")));
    assert!(!settings.contains("nowhere") && !settings.contains("another"));
    let pid = demo.0.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    assert!(demo.0.wait().unwrap().success());
    assert!(!file.exists(), "{}", file.display());
}
