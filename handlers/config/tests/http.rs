//! Metrics that any HTTP address answers.

use promotion::Seconds;
use promotion::analysis::{HttpMetric, Provider, Template};

use super::sample::{FULL, Sample};

const HTTP: &str =
    "{ http: { url: \"https://metrics.example/q?d={deployment}\", value: result.count } }";
const PLATFORM: &str = "{ azureMonitor: { metric: RequestsPerMinute, ratioOf: { statusCodeClass: 5xx }, window: 4m } }";

/// The full sample, with this beside the steps in place of what Azure has measured of errors.
fn with(template: &str) -> Sample {
    let inline = ", interval: 2m, initialDelay: 9m";
    assert!(FULL.contains(PLATFORM) && FULL.contains(inline));
    let text = FULL
        .replace(PLATFORM, template)
        .replace("minSamples: 100", "dryRun: false")
        .replace(inline, ", interval: 2m");
    Sample::full().with("liftlock.yaml", &text)
}

fn first(sample: &Sample) -> (HttpMetric, u32) {
    let config = sample.check().unwrap();
    let metrics = config.routes[0]
        .route
        .rollout
        .beside
        .clone()
        .unwrap()
        .metrics;
    let Provider::Http(metric) = metrics[0].provider.clone() else {
        panic!("{metrics:?}");
    };
    (metric, metrics[0].rule.initial_delay.0)
}

#[test]
fn it_is_kept_as_it_is_written_with_argos_words() {
    let (metric, delay) = first(&with(HTTP));
    let expected = HttpMetric {
        url: Template::new("https://metrics.example/q?d={deployment}"),
        headers: [].into(),
        value: "result.count".to_owned(),
        timeout: Seconds(10),
        window: Seconds(60),
    };
    assert_eq!(metric, expected);
    assert_eq!(delay, 60, "a window of its own");
}

#[test]
fn of_a_secret_its_name_is_kept() {
    let secret = "{ http: { url: \"${METRICS_URL}/q\", headers: { X-Api-Key: \"${METRICS_TOKEN}\" }, value: result.count } }";
    let sample = with(secret);
    let (metric, _) = first(&sample);
    assert_eq!(metric.url.as_str(), "${METRICS_URL}/q");
    assert_eq!(metric.headers["x-api-key"].as_str(), "${METRICS_TOKEN}");
    let everything = format!("{:?}", sample.check().unwrap());
    assert!(!everything.contains("hush-hush"), "{everything}");
}

#[test]
fn what_makes_no_sense_is_refused_in_a_sentence() {
    let url = |url: &str| format!("{{ http: {{ url: \"{url}\", value: result.count }} }}");
    let beside = |more: &str| {
        HTTP.replace(
            "value: result.count",
            &format!("value: result.count, {more}"),
        )
    };
    let cases = [
        url("http://metrics.example/q"),
        url("metrics.example/q"),
        url("https://ada:pw@metrics.example/q"),
        url("https://metrics.example/q?d={model}"),
        url("https://metrics.example/q?code=hush-hush"),
        url("https://169.254.169.254/metadata"),
        url("https://metrics.example/q?k=${UNSET}"),
        url(&format!("https://metrics.example/{}", "x".repeat(4096))),
        beside("timeout: 31s"),
        beside("window: 25h"),
        beside("headers: { Authorization: Bearer me }"),
        beside("headers: { Host: metrics.example }"),
        beside("headers: { \"a b\": c }"),
        beside("headers: { X-Note: \"a\\nb\" }"),
        beside("headers: { X-Note: [a] }"),
        HTTP.replace("result.count", "result.("),
        HTTP.replace("result.count", "1.0"),
        HTTP.replace(
            "http: {",
            "azureMonitor: { metric: RequestLatency }, http: {",
        ),
    ];
    let mut told: Vec<String> = cases.iter().map(|case| with(case).problems()).collect();
    let samples = with(HTTP).changed("dryRun: false", "minSamples: 2");
    told.push(samples.problems());
    let champion = with(&url("https://metrics.example/q"));
    let champion = champion.changed("dryRun: false", "against: championRatio");
    told.push(champion.problems());
    insta::assert_snapshot!(told.join("\n"), @r#"
    liftlock.yaml:52: analysisTemplates[0].provider.http.url: `http://metrics.example/q` is not https
        help: write the whole of it, like `https://metrics.example/query?deployment={deployment}`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.url: `metrics.example/q` is no URL
        help: write the whole of it, like `https://metrics.example/query?deployment={deployment}`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.url: has a name or a password in it
        help: write `headers: { Authorization: "Basic ${METRICS_LOGIN}" }`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.url: `https://metrics.example/q?d={model}` has braces that stand for nothing
        help: write `{endpoint}`, `{deployment}`, `{from}` or `{to}`, and `%7B` and `%7D` for braces of its own
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.url: holds a secret behind `code`
        help: put it in the environment and write its name, like `${METRICS_KEY}`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.url: `https://169.254.169.254/metadata` has an address that is never asked
        help: name a server of yours: link-local addresses, where clouds tell a machine its secrets, are never asked
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.url: the environment has no `UNSET`
        help: set UNSET in the function app's settings, or in your shell
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.url: is, with `headers` and `value`, longer than 4 KiB, and each measurement keeps it in the journal
        help: write less
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.timeout: `31s` is more than 30s
        help: write at most `30s`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.window: `25h` is more than 1d
        help: write at most `1d`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.headers.Authorization: holds a secret
        help: put it in the environment and write its name, like `${METRICS_TOKEN}`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.headers.Host: is said by the connection itself
        help: remove it
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.headers.a b: is no name of a header
        help: use letters, digits and `-`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.headers.X-Note: cannot be sent in a header
        help: write one line of visible ASCII letters
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.headers.X-Note: is not a text
        help: write a text
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.value: `result.(` is no CEL expression: column 8: Syntax error: no viable alternative at input '.('
        help: write CEL over `result`, the answer's JSON, that comes to a number: `result.errors`
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http.value: `1.0` is a number, not a text
        help: put it in quotes
    1 problem
    liftlock.yaml:52: analysisTemplates[0].provider.http: stands beside another provider
        help: write two templates, each with one
    1 problem
    liftlock.yaml:56: analysisTemplates[0].minSamples: stands beside `http`, whose answer does not say of how many requests it is
        help: remove it
    1 problem
    liftlock.yaml:56: analysisTemplates[0].against: asks the same of candidate and champion, for `url` does not name the deployment
        help: write `{deployment}` where its name belongs in `url`, or remove it
    1 problem
    "#);
}

#[test]
fn without_its_secret_the_rest_is_checked_all_the_same() {
    let url = "https://metrics.example/q?d={deployment}";
    let secret = format!(
        "{{ http: {{ url: \"{url}\", headers: {{ Authorization: \"Bearer ${{METRICS_TOKEN}}\" }}, value: result.count }} }}"
    );
    let sound = with(&secret).checked_without_environment();
    assert!(
        sound.text.contains("no problems, 1 route"),
        "{}",
        sound.text
    );
    let broken = with(&secret).changed("setWeight: 100", "setWeight: 90");
    let broken = broken.checked_without_environment();
    assert!(
        broken.text.contains("is the last `setWeight` and not 100"),
        "{}",
        broken.text
    );
}
