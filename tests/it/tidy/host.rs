//! host.json and the functions' bindings: the values that correctness and cost rest on.

use serde_json::{Value, json};

use super::{kept, read};

fn parsed(path: &str) -> Value {
    serde_json::from_str(&read(path).unwrap()).unwrap()
}

fn functions() -> Vec<(String, Vec<Value>)> {
    let folders = kept().into_iter().filter_map(|path| {
        let name = path.strip_prefix("function-definitions/")?;
        name.strip_suffix("/function.json").map(str::to_owned)
    });
    let bindings = |name: &String| {
        let json = parsed(&format!("function-definitions/{name}/function.json"));
        json["bindings"].as_array().unwrap().clone()
    };
    folders
        .map(|name| (name.clone(), bindings(&name)))
        .collect()
}

#[test]
fn sessions_are_many_short_and_one_call_each() {
    let bus = &parsed("host.json")["extensions"]["serviceBus"];
    assert_eq!(bus["maxConcurrentSessions"], 64);
    assert_eq!(bus["maxConcurrentCallsPerSession"], 1);
    assert_eq!(bus["sessionIdleTimeout"], "00:00:02");
    assert_eq!(bus["autoCompleteMessages"], true);
}

#[test]
fn a_lock_is_renewed_for_as_long_as_a_function_may_run() {
    let host = parsed("host.json");
    let renewal = host["extensions"]["serviceBus"]["maxAutoLockRenewalDuration"].as_str();
    let timeout = host["functionTimeout"].as_str();
    assert_eq!(timeout, Some("00:05:00"));
    // Both are hh:mm:ss, so text compares as time.
    assert!(renewal >= timeout, "{renewal:?} < {timeout:?}");
}

#[test]
fn the_host_never_tries_again_by_itself() {
    assert!(parsed("host.json").get("retry").is_none());
    for (name, _) in functions() {
        let json = parsed(&format!("function-definitions/{name}/function.json"));
        assert!(json.get("retry").is_none(), "{name}");
    }
}

#[test]
fn http_functions_are_proxied_and_the_others_enveloped() {
    let host = parsed("host.json");
    assert_eq!(host["customHandler"]["enableProxyingHttpRequest"], true);
    assert_eq!(
        host["customHandler"]["description"]["defaultExecutablePath"],
        "liftlock"
    );
    assert_eq!(host["extensions"]["http"]["routePrefix"], "api");
    let mut proxied = Vec::new();
    for (name, bindings) in functions() {
        if bindings[0]["type"] != "httpTrigger" {
            assert_eq!(
                bindings.len(),
                1,
                "{name} has no output: it sends by itself"
            );
            continue;
        }
        assert_eq!(
            bindings.len(),
            2,
            "{name}: exactly one trigger and one output are proxied"
        );
        assert_eq!(
            (&bindings[1]["type"], &bindings[1]["direction"]),
            (&json!("http"), &json!("out")),
            "{name}"
        );
        assert_eq!(bindings[0]["authLevel"], "anonymous", "{name}");
        proxied.push(name);
    }
    assert_eq!(proxied, ["api", "approval", "board", "health", "teams"]);
}

#[test]
fn messages_come_as_bytes_and_in_sessions() {
    // As text, a message's body would overwrite the broker's own metadata.
    let (_, bindings) = functions()
        .into_iter()
        .find(|(name, _)| name == "advance")
        .unwrap();
    assert_eq!(bindings[0]["type"], "serviceBusTrigger");
    assert_eq!(bindings[0]["dataType"], "binary");
    assert_eq!(bindings[0]["isSessionsEnabled"], true);
}
